// SPDX-License-Identifier: Apache-2.0
#include "query/report/grouping.h"

#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

#include "common/nearest.h"
#include "query/base/replace_all.h"
#include "query/base/usage_error.h"

namespace ctrack::query {

namespace {

constexpr std::string_view placeholder = "{by}";

const Choice& choice_named(const Report& report, const std::string& name) {
    if (report.choices.empty())
        throw UsageError(fmt::format("{} has no --by: leave it out", report.name));
    std::vector<std::string> names;
    for (const auto& choice : report.choices) {
        if (choice.name == name)
            return choice;
        names.push_back(choice.name);
    }
    const auto guess = nearest(name, names);
    throw UsageError(fmt::format("bad --by '{}'{} {} has {}", name,
                                 guess.empty() ? ":" : fmt::format(": did you mean {}?", guess),
                                 report.name, fmt::join(names, ", ")));
}

} // namespace

Report grouped_by(Report report, const std::optional<std::string>& by) {
    const auto& words = report.minutes.words;
    if (!by || std::ranges::find(words, *by) == words.end())
        report.minutes.main.reset();
    if (by)
        report.minutes.shared.clear();
    if (by && report.main_by) {
        report.main = *report.main_by;
        std::erase_if(report.shared, [&](const SharedRows& shared) {
            return !RE2::PartialMatch(report.main.sql, fmt::format("\\b{}\\b", shared.table));
        });
    }
    if (by) { // sections and footer belong to the rows without --by
        report.footer.reset();
        report.sections.clear();
    }
    if (by || (!report.choices.empty() && !report.main_by)) {
        const auto& choice = by ? choice_named(report, *by) : report.choices.front();
        replace_all(report.main.sql, placeholder, choice.columns);
        if (report.minutes.main)
            replace_all(*report.minutes.main, placeholder, choice.columns);
        if (const auto column = report.main.layout.columns.find(choice.columns);
            by && column != report.main.layout.columns.end())
            column->second.is_hidden = false;
    }
    return report;
}

} // namespace ctrack::query
