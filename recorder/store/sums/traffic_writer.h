// SPDX-License-Identifier: Apache-2.0
//
// What each commit adds to the sums of traffic. The file itself remembers how much of a
// connection has been counted: its row as the last commit left it. So each byte counts
// once, whatever was rolled back or killed in between.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"
#include "recorder/store/rows/owner_ids.h"
#include "recorder/store/sums/recent_traffic.h"
#include "recorder/store/sums/traffic_merge.h"

namespace ctrack {

class TrafficWriter {
public:
    /// boot_id: of the recording that begins; one of the same boot before it may have left
    /// connections open that go on.
    TrafficWriter(SQLite::Database& db, const std::string& boot_id);

    /// In the transaction that writes the batch, after its owners and before its
    /// connections. How many rows of traffic_sums are new.
    std::int64_t write(const Batch& batch, std::int64_t committed_us, ProcessIds& processes);

    /// The transaction was rolled back.
    void begin_anew() { recent_.begin_anew(); }

private:
    struct Counted {
        TrafficKey key;
        Amounts amounts;
        bool has_summary;
    };
    using CookieAndId = std::pair<std::int64_t, std::int64_t>;

    void add(const ConnectionRow& row, std::int64_t process_id);
    Amounts& sum_of(const TrafficKey& key, const ConnectionRow& row);
    void change(const ConnectionRow& row, const TrafficKey& key, const Amounts& amounts);
    void move_away(const Counted& before);
    std::optional<Counted> counted(std::int64_t id);
    Counted row_counted();
    Amounts amounts_counted();
    Amounts counted_by_last_recording(const ConnectionRow& row, const Amounts& amounts);
    TrafficOwner find_owner(std::int64_t process_id);
    std::int64_t merge_if(bool due);
    void forget_left_open(std::int64_t committed_us);

    SQLite::Statement find_, find_owner_;
    RecentTraffic recent_;
    TrafficMerge merge_;
    std::int64_t last_id_;               ///< no row of connections has a higher one
    std::vector<CookieAndId> left_open_; ///< sorted; 16 bytes for each connection then open
    std::int64_t forget_us_ = 0;         ///< when left_open_ has served
};

} // namespace ctrack
