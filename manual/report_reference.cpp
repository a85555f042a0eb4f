// SPDX-License-Identifier: Apache-2.0
#include "manual/report_reference.h"

#include <algorithm>
#include <array>

#include "query/base/usage_error.h"
#include "query/cli/option_table.h"
#include "query/report/grouping.h"
#include "query/report/useless_options.h"

namespace ctrack::manual {

namespace {

using namespace ctrack::query;
using query::Options; // the recorder has others

// A value that the filter of such an option takes.
std::string example_of(const Option& option, const filter::Narrowing& narrowing) {
    if (!narrowing.value.empty())
        return std::string(narrowing.value);
    const auto words = value_words(option);
    return std::string(!words.empty()                                                 ? words[0]
                       : filter::field(narrowing.field).type == filter::Type::address ? "::1"
                                                                                      : "1");
}

// The command line with that option alone, in a format for people and in one for programs: some
// options make sense with one of them only.
std::array<Options, 2> command_lines_with(const Option& option) {
    Options line;
    line.given = {&option};
    if (const auto* narrowing = std::get_if<filter::Narrowing>(&option.target))
        line.narrowing = {{option.short_name(), narrowing->field, example_of(option, *narrowing)}};
    std::array lines{line, line};
    lines[1].format = Format::csv;
    return lines;
}

bool is_useful(const Options& line, const PreparedReport& report) try {
    refuse_useless(line, filter::condition_of(line.narrowing, "", 0), report);
    return true;
} catch (const UsageError&) {
    return false;
}

bool takes(const PreparedReport& report, const Option& option) {
    if (option.short_name() == "--by") // it is used up before the report is compiled
        return !report.report().choices.empty();
    return std::ranges::any_of(command_lines_with(option),
                               [&](const Options& line) { return is_useful(line, report); });
}

Json options_of(const PreparedReport& report) {
    Json all = Json::array();
    for (const auto& option : option_table())
        if (is_taken_by(option, "reports") && option.short_name() != "--param" &&
            takes(report, option))
            all.push_back(option.short_name());
    return all;
}

Json choices_of(const Report& report, const std::string& file) {
    Json all = Json::array();
    for (const auto& choice : report.choices) {
        Database database({file});
        const PreparedReport grouped(grouped_by(report, choice.name), database);
        all.push_back({{"name", choice.name},
                       {"meaning", choice.meaning},
                       {"columns", grouped.columns().names}});
    }
    return all;
}

} // namespace

Json report_reference(const Report& report, const std::string& file) {
    Database database({file}); // of its own, because a report makes tables in it
    const PreparedReport prepared(grouped_by(report, std::nullopt), database);
    return {{"name", report.name},
            {"aliases", report.aliases},
            {"question", report.question},
            {"help", report.help},
            {"needs_argument", report.argument.has_value()},
            {"options", options_of(prepared)},
            {"columns", prepared.columns().names},
            {"by", choices_of(report, file)}};
}

} // namespace ctrack::manual
