// SPDX-License-Identifier: Apache-2.0
#include "query/checks/constraints.h"

#include <fmt/format.h>

#include "query/sql/all_rows.h"
#include "query/sql/schema_text.h"

namespace ctrack::query {

namespace {

void add_broken(Database& database, const std::string& table, const std::string& expression,
                std::vector<std::string>& broken) {
    const auto rows = all_rows(
        database, fmt::format("SELECT count(*) FROM main.{} WHERE NOT ({})", table, expression));
    const auto count = std::get<std::int64_t>(rows[0][0]);
    if (count > 0)
        broken.push_back(
            fmt::format("CHECK constraint failed in {} of {}: {}", count, table, expression));
}

} // namespace

std::vector<std::string> broken_constraints(Database& database) {
    std::vector<std::string> broken;
    for (const auto& table : described_schema())
        for (const auto& expression : table.checks)
            add_broken(database, table.name, expression, broken);
    return broken;
}

} // namespace ctrack::query
