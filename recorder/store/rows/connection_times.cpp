// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/rows/connection_times.h"

#include <algorithm>
#include <unordered_set>

#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

// These two are known to schema/schema.sql and query/sql/window.sql as well.
constexpr std::int64_t block_ids = 1024;
constexpr std::int64_t long_us = 600'000'000;

constexpr std::size_t most_known = 4096;

constexpr const char* widen_block = R"sql(
INSERT INTO connection_blocks VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  first_opened_us = min(first_opened_us, excluded.first_opened_us),
  last_opened_us = max(last_opened_us, excluded.last_opened_us))sql";

} // namespace

ConnectionTimes::ConnectionTimes(SQLite::Database& db)
    : widen_(db, widen_block),
      add_open_(db, "INSERT OR IGNORE INTO long_connections VALUES (?, NULL)"),
      add_closed_(db, "REPLACE INTO long_connections VALUES (?, ?)"),
      erase_(db, "DELETE FROM long_connections WHERE connection_id = ?") {}

void ConnectionTimes::write(const BatchPlan& plan) {
    write_blocks(plan);
    for (std::size_t i = 0; i < plan.connections().size(); ++i)
        write_long(plan.connections()[i], plan.is_new(i));
}

void ConnectionTimes::write_blocks(const BatchPlan& plan) {
    std::unordered_set<std::int64_t> wider;
    for (const auto& row : plan.connections())
        if (widen(row.id / block_ids, row.opened_us))
            wider.insert(row.id / block_ids);
    for (const std::int64_t block : wider) {
        bind_all(widen_, block, written_[block].first_us, written_[block].last_us);
        widen_.exec();
    }
    if (written_.size() > most_known)
        written_.clear();
}

// Whether what the file says of the block has to change.
bool ConnectionTimes::widen(std::int64_t block, std::int64_t opened_us) {
    const auto [known, is_new] = written_.try_emplace(block, Span{opened_us, opened_us});
    Span& span = known->second;
    const Span before = span;
    span = {std::min(span.first_us, opened_us), std::max(span.last_us, opened_us)};
    return is_new || span.first_us < before.first_us || span.last_us > before.last_us;
}

// One that is not new was open at an earlier commit: it is there.
void ConnectionTimes::write_long(const ConnectionRow& row, bool is_new) {
    const auto run = [](SQLite::Statement& statement, auto... values) {
        bind_all(statement, values...);
        statement.exec();
    };
    if (!row.closed_us && is_new)
        run(add_open_, row.id);
    else if (row.closed_us && *row.closed_us - row.opened_us > long_us)
        run(add_closed_, row.id, *row.closed_us);
    else if (row.closed_us && !is_new)
        run(erase_, row.id);
}

} // namespace ctrack
