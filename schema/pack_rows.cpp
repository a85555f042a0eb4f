// SPDX-License-Identifier: Apache-2.0
#include "schema/pack_rows.h"

#include <string>
#include <vector>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include "schema/schema.h"

namespace ctrack::schema {

namespace {

std::string definition(SQLite::Database& db, const char* table) {
    return db.execAndGet(
        fmt::format("SELECT sql FROM main.sqlite_schema WHERE name = '{}'", table));
}

// A user's own, which would be met by each row that is moved; they go with the table anyway.
void drop_what_hangs_on(SQLite::Database& db, const char* table) {
    std::vector<std::string> drops;
    SQLite::Statement items(db,
                            "SELECT format('DROP %s main.\"%w\"', type, name) FROM sqlite_schema "
                            "WHERE tbl_name = ? AND type IN ('index', 'trigger')");
    for (items.bind(1, table); items.executeStep();)
        drops.push_back(items.getColumn(0));
    items.reset();
    for (const auto& drop : drops)
        db.exec(drop);
}

void move_rows(SQLite::Database& db, const PackedTable& table) {
    const auto step_end = fmt::format(
        "SELECT max(id) FROM (SELECT id FROM main.{} ORDER BY id LIMIT 100000)", table.older);
    for (;;) {
        const auto last = db.execAndGet(step_end);
        if (last.isNull())
            return;
        const auto step = fmt::format("WHERE id <= {}", last.getInt64());
        db.exec(fmt::format("INSERT INTO main.{} {} {}", table.packed, table.select, step));
        db.exec(fmt::format("DELETE FROM main.{} {}", table.older, step));
    }
}

} // namespace

void pack_rows(SQLite::Database& db) {
    auto newest = empty(newest_version());
    for (const auto& table : packed_tables) {
        drop_what_hangs_on(db, table.older);
        db.exec(definition(newest, table.packed));
        move_rows(db, table);
    }
}

} // namespace ctrack::schema
