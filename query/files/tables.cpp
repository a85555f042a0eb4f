// SPDX-License-Identifier: Apache-2.0
#include "query/files/tables.h"

#include <stdexcept>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "query/sql/sql_text.h"

namespace ctrack::query {

namespace {

void add_columns(SQLite::Database& db, Table& table) {
    SQLite::Statement columns(db, "SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid");
    columns.bind(1, table.name);
    while (columns.executeStep()) {
        table.columns.push_back(columns.getColumn(0));
        if (columns.getColumn(1).getString() == "TEXT")
            table.text_columns.push_back(columns.getColumn(0));
        if (columns.getColumn(2).getInt() > 0)
            table.keys.insert(columns.getColumn(0).getString());
    }
}

// The first * of a statement, as in "SELECT *" or "SELECT e.*", becomes the columns.
std::string with_columns(std::string sql, const Table& table) {
    const auto star = sql.find('*');
    if (star == std::string::npos)
        return sql;
    const auto begin = sql.rfind(' ', star) + 1;
    const auto prefix = sql.substr(begin, star - begin);
    const auto columns = fmt::format("{}{}", prefix, fmt::join(table.columns, ", " + prefix));
    return sql.replace(begin, star + 1 - begin, columns);
}

} // namespace

std::vector<Table> tables_of(SQLite::Database& db) {
    std::vector<Table> tables;
    SQLite::Statement names(db, "SELECT name FROM main.sqlite_schema WHERE type = 'table' "
                                "AND name NOT GLOB 'sqlite_*' ORDER BY rowid");
    while (names.executeStep())
        tables.push_back({names.getColumn(0), {}, {}, {}});
    for (auto& table : tables)
        add_columns(db, table);
    return tables;
}

std::string rows_sql(const char* name, const Table& table) {
    const auto all = sql_text(name);
    const auto begin = all.find(fmt::format("\n-- {}: ", table.name));
    if (begin == std::string::npos)
        throw std::logic_error(fmt::format("query/sql/{}.sql has no rows of {}", name, table.name));
    return with_columns(all.substr(begin, all.find(";\n", begin) - begin), table);
}

} // namespace ctrack::query
