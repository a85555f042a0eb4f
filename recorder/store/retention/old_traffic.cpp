// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/retention/old_traffic.h"

#include <algorithm>

#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr std::int64_t day_us = 86'400'000'000;

constexpr const char* erase_some = R"sql(
DELETE FROM traffic_sums WHERE (begin_us, comm, peer_address, service_port, direction) IN
  (SELECT begin_us, comm, peer_address, service_port, direction FROM traffic_sums
   WHERE begin_us = ? ORDER BY comm, peer_address, service_port, direction LIMIT ?))sql";

} // namespace

OldTraffic::OldTraffic(SQLite::Database& db)
    : count_(db, "SELECT count(*) FROM traffic_sums"),
      oldest_(db, "SELECT coalesce(min(begin_us), 0) FROM traffic_sums"), erase_(db, erase_some),
      note_(db, "traffic") {}

void OldTraffic::look() {
    if (maybe_new_ <= rows_ / 8)
        return;
    rows_ = first_number(count_);
    maybe_new_ = 0;
}

std::int64_t OldTraffic::erase(std::int64_t most_rows, std::int64_t before_us,
                               std::int64_t now_us) {
    if (rows_ == 0)
        return 0;
    const std::int64_t begin_us = first_number(oldest_);
    if (before_us != any_age && begin_us + day_us > before_us)
        return 0;
    bind_all(erase_, begin_us, most_rows);
    const std::int64_t rows = erase_.exec();
    rows_ -= rows;
    note_.add(rows, std::min(begin_us + day_us, now_us) - 1);
    return rows;
}

} // namespace ctrack
