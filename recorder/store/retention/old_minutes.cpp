// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/old_minutes.h"

#include <algorithm>

#include "recorder/fold/minute_rtts.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr std::int64_t newest_us = 5 * minute_us;

// A row takes some 120 bytes beside its round trips.
constexpr const char* count_minutes = R"sql(
SELECT count(*), coalesce(sum(length(rtts) + 120), 0) FROM minutes)sql";

// Ids ascend with time, with few exceptions, which wait until their turn comes.
constexpr const char* oldest_minutes = R"sql(
SELECT max(id), max(begin_us) FROM (SELECT id, begin_us FROM minutes ORDER BY id LIMIT ?1)
WHERE begin_us < ?2)sql";

constexpr const char* erase_minutes = "DELETE FROM minutes WHERE id <= ? AND begin_us < ?";

} // namespace

OldMinutes::OldMinutes(SQLite::Database& db)
    : count_(db, count_minutes), oldest_(db, oldest_minutes), erase_(db, erase_minutes),
      note_(db, "minutes") {}

void OldMinutes::look() {
    if (maybe_new_ <= rows_ / 8)
        return;
    bind_all(count_);
    count_.executeStep();
    rows_ = count_.getColumn(0).getInt64();
    bytes_ = count_.getColumn(1).getInt64();
    count_.reset();
    maybe_new_ = 0;
}

std::int64_t OldMinutes::erase(std::int64_t most_rows, std::int64_t before_us,
                               std::int64_t now_us) {
    const std::int64_t begun_before_us = std::min(before_us - minute_us, now_us - newest_us);
    bind_all(oldest_, most_rows, begun_before_us);
    oldest_.executeStep();
    const std::int64_t last_id = oldest_.getColumn(0).getInt64();
    const std::int64_t begin_us = oldest_.getColumn(1).getInt64();
    oldest_.reset();
    if (last_id == 0)
        return 0;
    bind_all(erase_, last_id, begun_before_us);
    const std::int64_t rows = erase_.exec();
    bytes_ -= rows_ > 0 ? bytes_ / rows_ * std::min(rows, rows_) : 0;
    rows_ = std::max<std::int64_t>(rows_ - rows, 0);
    note_.add(rows, begin_us + minute_us - 1);
    return rows;
}

} // namespace ctrack
