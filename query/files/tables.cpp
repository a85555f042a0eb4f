// SPDX-License-Identifier: Apache-2.0
#include "query/files/tables.h"

#include <algorithm>

#include <SQLiteCpp/Statement.h>

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

void add_parents(SQLite::Database& db, Table& table) {
    SQLite::Statement parents(db, "SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?)");
    parents.bind(1, table.name);
    while (parents.executeStep())
        table.parents.emplace(parents.getColumn(0).getString(), parents.getColumn(1).getString());
    if (std::find(table.columns.begin(), table.columns.end(), "process_id") != table.columns.end())
        table.parents.emplace("process_id", "processes"); // although the process may be gone
}

} // namespace

std::vector<Table> tables_of(SQLite::Database& db) {
    std::vector<Table> tables;
    SQLite::Statement names(db, "SELECT name FROM main.sqlite_schema WHERE type = 'table' "
                                "AND name NOT GLOB 'sqlite_*' ORDER BY rowid");
    while (names.executeStep())
        tables.push_back({names.getColumn(0), {}, {}, {}, {}});
    for (auto& table : tables) {
        add_columns(db, table);
        add_parents(db, table);
    }
    return tables;
}

} // namespace ctrack::query
