// SPDX-License-Identifier: Apache-2.0
//
// Adds the rows of traffic_recent to those of traffic_sums.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/sums/recent_traffic.h"

namespace ctrack {

class TrafficMerge {
public:
    explicit TrafficMerge(SQLite::Database& db);

    /// Returns how many rows of traffic_sums are new.
    std::int64_t merge(const RecentTraffic& recent);

private:
    bool add_to_day(std::int64_t begin_us, const TrafficKey& key, const RecentSum& sum);

    SQLite::Statement update_day_, insert_day_;
};

} // namespace ctrack
