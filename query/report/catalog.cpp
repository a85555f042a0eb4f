// SPDX-License-Identifier: Apache-2.0
#include "query/report/catalog.h"

#include <span>
#include <utility>

#include <fmt/format.h>

#include "common/embedded_sql.h"
#include "query/base/nearest.h"
#include "query/base/usage_error.h"
#include "query/commands/help.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> reports;

namespace query {

std::vector<Report> all_reports() {
    std::vector<Report> all;
    for (const auto& file : reports)
        all.push_back(parse_report(file.name, file.text));
    return all;
}

namespace {

// Names and aliases, with the report each stands for.
std::vector<std::pair<std::string, Report>> named_reports() {
    std::vector<std::pair<std::string, Report>> named;
    for (const auto& report : all_reports()) {
        named.emplace_back(report.name, report);
        for (const auto& alias : report.aliases)
            named.emplace_back(alias, report);
    }
    return named;
}

} // namespace

std::vector<std::string> command_names() {
    std::vector<std::string> names{"list", "help"};
    for (const auto& line : command::summaries())
        names.push_back(line.name);
    for (const auto& [name, report] : named_reports())
        names.push_back(name);
    return names;
}

Report find_report(std::string_view name) {
    for (auto& [known, report] : named_reports())
        if (known == name)
            return std::move(report);
    const auto guess = nearest(name, command_names());
    throw UsageError(fmt::format("no report '{}'{} 'ctrack-query list' shows them all", name,
                                 guess.empty() ? ";" : fmt::format(": did you mean {}?", guess)));
}

} // namespace query
} // namespace ctrack
