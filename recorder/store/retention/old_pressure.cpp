// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/old_pressure.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace ctrack {

namespace {

// Both tables begin with recording_id and until_us, and one more column makes their key.
std::string erase_oldest(const char* table, const char* last_of_key) {
    return fmt::format(R"sql(
DELETE FROM {0}
WHERE (recording_id, until_us, {1}) IN (
  SELECT recording_id, until_us, {1} FROM {0}
  WHERE (recording_id, until_us) < (?1, ?2) AND until_us < ?3
  ORDER BY recording_id, until_us LIMIT ?4)
RETURNING until_us)sql",
                       table, last_of_key);
}

} // namespace

OldPressure::OldPressure(SQLite::Database& db)
    : queues_(db, erase_oldest("accept_queues", "listener_id")),
      counters_(db, erase_oldest("netns_counters", "netns")), note_(db, "connections") {}

std::int64_t OldPressure::erase(std::int64_t most_rows, const Moment& before,
                                std::int64_t before_us) {
    return erase(queues_, most_rows, before, before_us) +
           erase(counters_, most_rows, before, before_us);
}

std::int64_t OldPressure::erase(SQLite::Statement& statement, std::int64_t most_rows,
                                const Moment& before, std::int64_t before_us) {
    bind_all(statement, before.recording_id, before.time_us, before_us, most_rows);
    std::int64_t erased = 0, last_us = 0;
    for (; statement.executeStep(); ++erased)
        last_us = std::max(last_us, statement.getColumn(0).getInt64());
    statement.reset();
    note_.add(erased, last_us);
    return erased;
}

} // namespace ctrack
