// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/rows/long_connections.h"

#include <cstddef>
#include <cstdint>

#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

// query/sql/window.sql and find_connections.sql have the same number.
constexpr std::int64_t long_us = 600'000'000;

// Whether a report must look for the connection apart from its batch.
bool is_long(const ConnectionRow& row) {
    return row.off_batch || *row.closed_us - row.opened_us > long_us;
}

} // namespace

LongConnections::LongConnections(SQLite::Database& db)
    : add_open_(db, "INSERT OR IGNORE INTO long_connections VALUES (?, NULL)"),
      add_closed_(db, "REPLACE INTO long_connections VALUES (?, ?)"),
      erase_(db, "DELETE FROM long_connections WHERE connection_id = ?") {}

void LongConnections::write(const BatchPlan& plan) {
    for (std::size_t i = 0; i < plan.connections().size(); ++i)
        write(plan.connections()[i], plan.is_new(i));
}

// A connection that is not new was open at an earlier commit, so the table has it. In a file that
// replaces a damaged one, it may have an id below the first ones.
void LongConnections::write(const ConnectionRow& row, bool is_new) {
    const auto run = [](SQLite::Statement& statement, auto... values) {
        bind_all(statement, values...);
        statement.exec();
    };
    if (!row.closed_us && (is_new || row.off_batch))
        run(add_open_, row.id);
    else if (row.closed_us && is_long(row))
        run(add_closed_, row.id, *row.closed_us);
    else if (row.closed_us && !is_new)
        run(erase_, row.id);
}

} // namespace ctrack
