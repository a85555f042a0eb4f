// SPDX-License-Identifier: Apache-2.0
#include "schema/packed_rows.h"

#include <string>

#include <fmt/format.h>

#include "schema/schema.h"

namespace ctrack::schema {

namespace {

constexpr std::int64_t step_rows = 100'000;

std::string definition(SQLite::Database& db, const char* table) {
    return db.execAndGet(
        fmt::format("SELECT sql FROM main.sqlite_schema WHERE name = '{}'", table));
}

void move_rows(SQLite::Database& db, const PackedTable& table) {
    const auto bound = [&](const char* function) {
        return db
            .execAndGet(
                fmt::format("SELECT coalesce({}(id), 0) FROM main.{}", function, table.older))
            .getInt64();
    };
    const std::int64_t last = bound("max");
    for (std::int64_t id = bound("min"); id <= last; id += step_rows) {
        const auto step = fmt::format("WHERE id < {}", id + step_rows);
        db.exec(fmt::format("INSERT INTO main.{} {} {}", table.packed, table.select, step));
        db.exec(fmt::format("DELETE FROM main.{} {}", table.older, step));
    }
}

} // namespace

void pack_rows(SQLite::Database& db) {
    auto newest = empty(newest_version());
    for (const auto& table : packed_tables) {
        db.exec(definition(newest, table.packed));
        move_rows(db, table);
    }
}

} // namespace ctrack::schema
