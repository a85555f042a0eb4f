// SPDX-License-Identifier: Apache-2.0
#include "query/checks/type_checks.h"

#include <set>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "query/sql/all_rows.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace {

// Each table of schema.sql, and the condition that a value of a row has not its column's type.
constexpr auto conditions_sql = R"(
SELECT t.name,
       group_concat(format('typeof("%w") NOT IN (''null'', ''%s'')', c.name, lower(c.type)), ' OR ')
FROM sqlite_schema t JOIN pragma_table_info(t.name) c
WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*' GROUP BY t.name)";

std::set<std::string> plain_tables(Database& database) {
    std::set<std::string> names;
    for (const auto& row :
         all_rows(database, "SELECT name FROM main.sqlite_schema WHERE type = 'table' "
                            "AND sql NOT LIKE '%) STRICT%'"))
        names.insert(std::get<std::string>(row[0]));
    return names;
}

} // namespace

std::vector<std::string> wrong_types(Database& database) {
    std::vector<std::string> wrong;
    const auto plain = plain_tables(database);
    auto db = schema::empty();
    for (SQLite::Statement tables(db, conditions_sql); tables.executeStep();) {
        const auto table = tables.getColumn(0).getString();
        if (!plain.contains(table))
            continue;
        const auto count = std::get<std::int64_t>(
            all_rows(database, fmt::format("SELECT count(*) FROM main.{} "
                                           "WHERE {}",
                                           table, tables.getColumn(1).getText()))
                .at(0)
                .at(0));
        if (count > 0)
            wrong.push_back(fmt::format("values of another type than their column's in {} of {}",
                                        count, table));
    }
    return wrong;
}

} // namespace ctrack::query
