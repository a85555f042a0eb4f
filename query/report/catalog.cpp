// SPDX-License-Identifier: Apache-2.0
#include "query/catalog.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "query/command/help.h"
#include "query/errors.h"
#include "schema/embedded_sql.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> reports;

namespace query {

namespace {

// How many letters to change, add or leave out to make one of the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row.back();
}

} // namespace

std::vector<Report> all_reports() {
    std::vector<Report> all;
    for (const auto& file : reports)
        all.push_back(parse_report(file.name, file.text));
    return all;
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
    constexpr std::size_t most_letters_off = 3;
    std::string best;
    std::size_t best_distance = most_letters_off + 1;
    for (const auto& candidate : candidates) {
        const bool begins_so = !name.empty() && candidate.starts_with(name);
        const auto off = begins_so ? 0 : distance(name, candidate);
        if (off < best_distance && off < candidate.size()) {
            best = candidate;
            best_distance = off;
        }
    }
    return best;
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
