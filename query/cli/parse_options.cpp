// SPDX-License-Identifier: Apache-2.0
//
// This is the only file that knows CLI11.
#include "query/cli/parse_options.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "query/base/usage_error.h"
#include "query/cli/misplaced.h"
#include "query/cli/option_table.h"
#include "query/cli/spread_files.h"

namespace ctrack::query {

namespace {

// What was given to each option of the table. An option without a value gets an empty text. The
// texts are read when CLI11 is done, so that errors in them have our words.
using Texts = std::vector<std::vector<std::string>>;

// Whether the option may be given more than once.
bool is_repeatable(const Option& option) {
    return option.narrows() ||
           std::holds_alternative<std::vector<std::string> Options::*>(option.target);
}

void declare(CLI::App& app, const Option& option, std::vector<std::string>& texts) {
    const std::string names(option.names);
    const std::string help(option.help);
    if (option.value_name.empty()) {
        app.add_flag_callback(
            names, [&texts] { texts.assign({""}); }, help);
        return;
    }
    auto* declared = app.add_option(names, texts, help);
    declared->type_name(std::string(option.value_name))->allow_extra_args(false);
    if (!is_repeatable(option)) // so says the help; that it is given twice is told by store()
        declared->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void declare_all(CLI::App& app, Options& options, Texts& texts) {
    app.set_help_flag();
    app.add_option("REPORT", options.command, "a report or command of those below")->type_name("");
    app.add_option("ARGUMENT", options.arguments, "of a report: a filter; of a command: its own")
        ->type_name("");
    texts.resize(option_table().size());
    for (std::size_t i = 0; i < texts.size(); ++i)
        declare(app, option_table()[i], texts[i]);
}

// Puts the texts that were given to one option where the table says.
struct Store {
    const Option& option;
    const std::vector<std::string>& texts;
    Options& options;

    void operator()(bool Options::*member) const { options.*member = true; }
    void operator()(std::optional<std::string> Options::*member) const {
        options.*member = texts.back();
    }
    void operator()(std::vector<std::string> Options::*member) const { options.*member = texts; }
    void operator()(void (*read)(Options&, const std::string&)) const {
        read(options, texts.back());
    }
    void operator()(const filter::Narrowing& narrowing) const {
        for (const auto& text : texts)
            options.narrowing.push_back({option.short_name(), narrowing.field,
                                         text.empty() ? std::string(narrowing.value) : text});
    }
};

void store(const Texts& texts, Options& options) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].empty())
            continue;
        const auto& option = option_table()[i];
        if (texts[i].size() > 1 && !is_repeatable(option))
            throw UsageError(fmt::format("{} is given {} times, and takes one value",
                                         option.short_name(), texts[i].size()));
        options.given.push_back(&option);
        std::visit(Store{option, texts[i], options}, option.target);
    }
}

[[noreturn]] void refuse_unknown(const std::string& word) {
    const auto name = word.substr(0, word.find('='));
    const auto meant = option_meant_by(name);
    throw UsageError(fmt::format("there is no option {}{} try 'ctrack-query --help'", name,
                                 meant.empty() ? ";" : fmt::format(": did you mean {}?", meant)));
}

constexpr std::array<Explanation, 3> explanation{{
    {"EXAMPLES", R"(  ctrack-query top-talkers --last 10m
  ctrack-query failures --peer 10.0.0.0/8 -b yesterday -e today -n 0 -o json
  ctrack-query slowest -c 'ng*' 'port 443 and not peer in 10.0.0.0/8 and rtt > 50ms'
)"},
    {"NARROWING",
     R"(The options from -p to --outcome narrow a report: the same one again, or a list as
80,443, means either; different ones must all hold. So must a filter, which is the
words after the report: 'help filter' has its fields and operators. An option that
would change nothing in a report is refused. -r *.db reads all of them as one.
)"},
    {"TIMES",
     R"(Times are in the local time zone unless they name one. A clock time without a day is
the last one before the recording's end; if that is today, the last one before now:
  now, today, yesterday, tomorrow, "yesterday 14:00", 14:23, 14:23:05, 2:23pm,
  "10m ago", 2h30m and -2h30m (so long ago), +10m (from now on), "mon 9:00" (the
  last Monday), 2026-11-21, "2026-11-21 14:23:05", 2026-11-21T14:23:05Z, ...+02:00,
  "Nov 21 14:23:05", @1795267385.25 (seconds since the epoch; without @ too, or
  microseconds as in the columns ending in _us).
Without -b and -e a report covers the whole recording.
)"},
}};

std::string footer() {
    std::string text;
    for (const auto& part : explanation)
        text += std::string(part.text) + '\n';
    return text + "Commands; 'help COMMAND' has the options of each:";
}

} // namespace

Options parse_options(std::vector<std::string> arguments) {
    Options options;
    Texts texts;
    CLI::App app;
    declare_all(app, options, texts);
    arguments = spread_files(arguments);
    std::reverse(arguments.begin(), arguments.end()); // CLI11 wants the last one first
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::ExtrasError&) {
        refuse_unknown(app.remaining().at(0));
    } catch (const CLI::ParseError& e) {
        throw UsageError(fmt::format("{}; try 'ctrack-query --help'", e.what()));
    }
    store(texts, options);
    return options;
}

std::span<const Explanation> explanations() { return explanation; }

std::string usage() {
    Options options;
    Texts texts;
    CLI::App app("Answers questions from a recording of ctrack-recorder.", "ctrack-query");
    declare_all(app, options, texts);
    app.footer(footer());
    return app.help();
}

} // namespace ctrack::query
