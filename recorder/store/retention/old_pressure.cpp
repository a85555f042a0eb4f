// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/old_pressure.h"

#include <algorithm>

namespace ctrack {

namespace {

constexpr const char* erase_queues = R"sql(
DELETE FROM accept_queues
WHERE (recording_id, until_us, listener_id) IN (
  SELECT recording_id, until_us, listener_id FROM accept_queues
  WHERE (recording_id, until_us) < (?1, ?2) AND until_us < ?3
  ORDER BY recording_id, until_us LIMIT ?4)
RETURNING until_us)sql";

constexpr const char* erase_counters = R"sql(
DELETE FROM netns_counters
WHERE (recording_id, until_us, netns) IN (
  SELECT recording_id, until_us, netns FROM netns_counters
  WHERE (recording_id, until_us) < (?1, ?2) AND until_us < ?3
  ORDER BY recording_id, until_us LIMIT ?4)
RETURNING until_us)sql";

} // namespace

OldPressure::OldPressure(SQLite::Database& db)
    : queues_(db, erase_queues), counters_(db, erase_counters), note_(db, "connections") {}

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
