// SPDX-License-Identifier: Apache-2.0
#include "query/report/catalog.h"

#include <algorithm>
#include <span>

#include "common/embedded_sql.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> reports;

namespace query {

std::vector<Report> all_reports() {
    std::vector<Report> all;
    for (const auto& file : reports)
        all.push_back(parse_report(file.name, file.text));
    return all;
}

std::optional<Report> find_report(std::string_view name) {
    for (const auto& file : reports)
        if (file.name == name)
            return parse_report(file.name, file.text);
    for (auto& report : all_reports())
        if (std::find(report.aliases.begin(), report.aliases.end(), name) != report.aliases.end())
            return std::move(report);
    return std::nullopt;
}

} // namespace query
} // namespace ctrack
