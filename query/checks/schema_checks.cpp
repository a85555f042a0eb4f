// SPDX-License-Identifier: Apache-2.0
#include "query/checks/schema_checks.h"

#include <map>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "query/checks/type_checks.h"
#include "query/sql/all_rows.h"
#include "query/sql/schema_text.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace {

using Definitions = std::map<std::string, std::string>; // by a text as "table connections"

constexpr auto definitions_sql = "SELECT type || ' ' || name, sql FROM main.sqlite_schema "
                                 "WHERE sql IS NOT NULL";

Definitions expected() {
    auto db = schema::empty();
    Definitions definitions;
    SQLite::Statement statement(db, definitions_sql);
    while (statement.executeStep())
        definitions[statement.getColumn(0)] = statement.getColumn(1).getString();
    return definitions;
}

} // namespace

std::vector<std::string> schema_differences(Database& database) {
    Definitions actual;
    for (const auto& row : all_rows(database, definitions_sql))
        actual[std::get<std::string>(row[0])] = std::get<std::string>(row[1]);
    std::vector<std::string> differences;
    for (const auto& [name, sql] : expected()) {
        const auto found = actual.find(name);
        if (found == actual.end())
            differences.push_back(fmt::format("{} is not there", name));
        else if (found->second != sql && found->second != schema::plain(sql))
            differences.push_back(fmt::format("{} is not as ctrack makes it", name));
    }
    return differences;
}

std::vector<std::string> broken_constraints(Database& database) {
    auto broken = wrong_types(database);
    for (const auto& table : described_schema())
        for (const auto& check : table.checks) {
            const auto rows =
                all_rows(database, fmt::format("SELECT count(*) FROM main.{} WHERE NOT ({})",
                                               table.name, check));
            if (const auto count = std::get<std::int64_t>(rows[0][0]); count > 0)
                broken.push_back(fmt::format("CHECK constraint failed in {} of {}: {}", count,
                                             table.name, check));
        }
    return broken;
}

} // namespace ctrack::query
