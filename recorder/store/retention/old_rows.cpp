// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/old_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr const char* bounds = R"sql(
SELECT coalesce((SELECT min(id) FROM {0}), 1), coalesce((SELECT max(id) FROM {0}), 0))sql";

constexpr const char* oldest = R"sql(
SELECT id, recording_id, committed_us, last_{0}_id, last_time_us FROM batches
WHERE id >= ? AND last_{0}_id IS NOT NULL ORDER BY id LIMIT 1)sql";

constexpr const char* clear = R"sql(
UPDATE batches SET first_{0}_id = NULL, last_{0}_id = NULL WHERE id = ?)sql";

// A batch can have times earlier than those of the batch before it, but not earlier than what
// the rings can hold. 256 batches are more than the largest rings hold.
constexpr const char* earliest = R"sql(
SELECT coalesce(min(first_time_us), ?3) FROM
  (SELECT first_time_us FROM batches WHERE id >= ?1 AND recording_id = ?2 ORDER BY id LIMIT 256))sql";

} // namespace

OldRows::OldRows(SQLite::Database& db, const std::string& table, const std::string& name,
                 const char* kind)
    : bounds_(db, fmt::format(fmt::runtime(bounds), table)),
      oldest_(db, fmt::format(fmt::runtime(oldest), name)),
      erase_(db, fmt::format("DELETE FROM {} WHERE id <= ?", table)),
      clear_(db, fmt::format(fmt::runtime(clear), name)),
      shorten_(db, fmt::format("UPDATE batches SET first_{}_id = ? WHERE id = ?", name)),
      earliest_(db, earliest), note_(db, kind) {}

void OldRows::look() {
    bounds_.reset();
    bounds_.executeStep();
    first_id_ = bounds_.getColumn(0).getInt64();
    last_id_ = bounds_.getColumn(1).getInt64();
    bounds_.reset();
}

std::optional<OldRows::OldestBatch> OldRows::oldest_batch() {
    if (count() == 0)
        return std::nullopt;
    bind_all(oldest_, batch_);
    std::optional<OldestBatch> found;
    if (oldest_.executeStep()) {
        const auto number = [this](int column) { return oldest_.getColumn(column).getInt64(); };
        found = {number(0), number(1), number(2), number(3), number(4)};
        batch_ = found->id;
    }
    oldest_.reset();
    return found;
}

std::int64_t OldRows::erase(std::int64_t most_rows, std::int64_t before_us) {
    const auto batch = oldest_batch();
    if (!batch || batch->committed_us >= before_us)
        return 0;
    const std::int64_t last = std::min(batch->last_id, first_id_ + most_rows - 1);
    bind_all(erase_, last);
    const std::int64_t rows = erase_.exec();
    SQLite::Statement& update = last == batch->last_id ? clear_ : shorten_;
    last == batch->last_id ? bind_all(update, batch->id) : bind_all(update, last + 1, batch->id);
    update.exec();
    first_id_ = last + 1;
    note_.add(rows, batch->last_time_us);
    return rows;
}

Moment OldRows::remainder(std::int64_t pending_us) {
    const auto batch = oldest_batch();
    if (!batch)
        return {any_age, any_age};
    bind_all(earliest_, batch->id, batch->recording_id, pending_us);
    earliest_.executeStep();
    const std::int64_t time_us = std::min(earliest_.getColumn(0).getInt64(), pending_us);
    earliest_.reset();
    return {batch->recording_id, time_us};
}

} // namespace ctrack
