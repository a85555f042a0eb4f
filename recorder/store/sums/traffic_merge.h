// SPDX-License-Identifier: Apache-2.0
//
// Adds what is recent to the sums of each day, in the table traffic_sums.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/sums/recent_traffic.h"

namespace ctrack {

class TrafficMerge {
public:
    explicit TrafficMerge(SQLite::Database& db);

    /// How many rows of traffic_sums are new.
    std::int64_t merge(const RecentTraffic& recent);

private:
    bool add_to_day(std::int64_t begin_us, const TrafficKey& key, const RecentSum& sum);

    SQLite::Statement update_day_, insert_day_;
};

} // namespace ctrack
