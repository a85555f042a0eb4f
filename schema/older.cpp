// SPDX-License-Identifier: Apache-2.0
#include "schema/older.h"

#include <algorithm>
#include <string>
#include <vector>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "schema/pack_rows.h"
#include "schema/schema.h"

namespace ctrack::schema {

namespace {

struct Item {
    std::string name, sql;
};

std::vector<Item> items(SQLite::Database& db, const char* type) {
    std::vector<Item> all;
    SQLite::Statement statement(db, "SELECT name, sql FROM main.sqlite_schema WHERE type = ? "
                                    "AND name NOT GLOB 'sqlite_*' ORDER BY rowid");
    statement.bind(1, type);
    while (statement.executeStep())
        all.push_back({statement.getColumn(0), statement.getColumn(1)});
    return all;
}

struct Column {
    std::string name, default_value;
};

std::vector<Column> columns(SQLite::Database& db, const std::string& table) {
    std::vector<Column> all;
    SQLite::Statement statement(
        db, "SELECT name, coalesce(dflt_value, 'NULL') FROM pragma_table_info(?, 'main')");
    statement.bind(1, table);
    while (statement.executeStep())
        all.push_back({statement.getColumn(0), statement.getColumn(1)});
    return all;
}

// The table with what the newest version has besides.
void add_view(SQLite::Database& db, const std::string& table, const std::vector<Column>& newest) {
    const auto present = columns(db, table);
    std::vector<std::string> values;
    bool is_same = true;
    for (const auto& column : newest) {
        const bool is_there =
            std::any_of(present.begin(), present.end(),
                        [&column](const Column& other) { return other.name == column.name; });
        is_same = is_same && is_there;
        values.push_back(is_there ? column.name
                                  : fmt::format("{} AS {}", column.default_value, column.name));
    }
    if (!is_same)
        db.exec(fmt::format("CREATE TEMP VIEW {0} AS SELECT {1} FROM main.{0}", table,
                            fmt::join(values, ", ")));
}

void copy_rows(SQLite::Database& from, SQLite::Database& to, const std::string& table) {
    SQLite::Statement rows(from, fmt::format("SELECT * FROM {}", table));
    const std::vector<std::string> marks(static_cast<std::size_t>(rows.getColumnCount()), "?");
    SQLite::Statement insert(
        to, fmt::format("INSERT INTO temp.{} VALUES ({})", table, fmt::join(marks, ", ")));
    while (rows.executeStep()) {
        for (int i = 0; i < rows.getColumnCount(); ++i)
            if (!rows.getColumn(i).isNull())
                insert.bind(i + 1, rows.getColumn(i).getString());
        insert.exec();
        insert.reset();
        insert.clearBindings();
    }
}

// A table then, so that no view is needed.
bool is_packed_since(const std::string& view, int version) {
    return version < packed_since &&
           std::any_of(packed_tables.begin(), packed_tables.end(),
                       [&view](const PackedTable& table) { return view == table.older; });
}

const PackedTable* packed_table(const std::string& name) {
    const auto* found =
        std::find_if(packed_tables.begin(), packed_tables.end(),
                     [&name](const PackedTable& table) { return name == table.packed; });
    return found == packed_tables.end() ? nullptr : found;
}

// The table as a new file has it.
void add_table(SQLite::Database& db, SQLite::Database& newest, const Item& table) {
    db.exec("CREATE TEMP TABLE" + table.sql.substr(std::string("CREATE TABLE").size()));
    copy_rows(newest, db, table.name);
}

} // namespace

void show_as_newest(SQLite::Database& db, int version) {
    if (version == newest_version())
        return;
    auto newest = empty(newest_version());
    const auto present = items(db, "table");
    const auto is_there = [&present](const std::string& table) {
        return std::any_of(present.begin(), present.end(),
                           [&table](const Item& item) { return item.name == table; });
    };
    for (const auto& table : items(newest, "table"))
        if (is_there(table.name))
            add_view(db, table.name, columns(newest, table.name));
        else if (const auto* packed = packed_table(table.name))
            db.exec(fmt::format("CREATE TEMP VIEW {} AS {}", packed->packed, packed->select));
        else
            add_table(db, newest, table);
    if (!is_there("traffic_sums"))
        db.exec(migration("0006_sums_of_older_files"));
    for (const auto& view : items(newest, "view"))
        if (!is_packed_since(view.name, version))
            db.exec("CREATE TEMP VIEW" + view.sql.substr(std::string("CREATE VIEW").size()));
}

} // namespace ctrack::schema
