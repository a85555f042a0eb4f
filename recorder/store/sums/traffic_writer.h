// SPDX-License-Identifier: Apache-2.0
//
// Adds to the sums of traffic what each commit brings. Its row in the file says how much of a
// connection has been counted. So each byte counts once, even if a commit was rolled back or the
// recorder was killed.
#pragma once

#include <cstdint>
#include <optional>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/rows/batch_plan.h"
#include "recorder/store/sums/left_open.h"
#include "recorder/store/sums/recent_traffic.h"
#include "recorder/store/sums/traffic_merge.h"

namespace ctrack {

class TrafficWriter {
public:
    /// Both arguments must outlive it.
    TrafficWriter(SQLite::Database& db, const LeftOpen& left_open);

    /// Is called in the transaction that writes the batch, before its connections are written,
    /// because it reads their rows as they were. Returns how many rows of traffic_sums are new.
    std::int64_t write(const BatchPlan& plan);

private:
    struct Counted {
        TrafficKey key;
        Amounts amounts;
        bool has_summary;
    };

    void add(const ConnectionRow& row, bool is_new, std::int64_t process_id);
    Amounts& sum_of(const TrafficKey& key, const ConnectionRow& row);
    void change(const ConnectionRow& row, const std::optional<Counted>& before,
                const TrafficKey& key, const Amounts& amounts);
    void move_away(const Counted& before);
    std::optional<Counted> counted(std::int64_t id);
    Counted row_counted();
    Amounts amounts_counted();
    Amounts counted_by_last_recording(const ConnectionRow& row, const Amounts& amounts);
    TrafficOwner find_owner(std::int64_t process_id);
    std::int64_t merge_if(bool due);

    SQLite::Statement find_, find_owner_;
    RecentTraffic recent_;
    TrafficMerge merge_;
    const LeftOpen& left_open_;
};

} // namespace ctrack
