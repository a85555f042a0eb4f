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

std::string rows_sql(const char* name, const std::string& table) {
    const auto all = sql_text(name);
    const auto begin = all.find(fmt::format("\n-- {}: ", table));
    if (begin == std::string::npos)
        throw std::logic_error(fmt::format("query/sql/{}.sql has no rows of {}", name, table));
    return all.substr(begin, all.find(";\n", begin) - begin);
}

} // namespace ctrack::query
