// SPDX-License-Identifier: Apache-2.0
//
// Adds to the sums of traffic what each commit brings. Its row in the file says how much of a
// connection has been counted. So each byte counts once, even if a commit was rolled back or the
// recorder was killed.
//
// A commit appends its sums to traffic_recent. Where there are many peers, they belong to places
// all over traffic_sums, and each would change a page of its own there. Some thousand of them are
// then added to traffic_sums at once, in the order of its key, which costs a tenth.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/rows/batch_plan.h"
#include "recorder/store/sums/minute_rows.h"
#include "recorder/store/sums/traffic_sums.h"

namespace ctrack {

/// How much the sums hold of a connection that is open.
struct LeftOpen {
    std::int64_t cookie;
    std::string peer_address;
    std::array<std::int64_t, 6> counts; ///< of what traffic_writer.cpp calls going_on
};

class TrafficWriter {
public:
    /// Must be made before the recording that now begins has written a row: it notes which
    /// connections earlier recordings of the same boot left open. These may go on in this
    /// recording under a new id, and the kernel goes on counting their bytes.
    TrafficWriter(SQLite::Database& db, const std::string& boot_id);

    /// Is called in the transaction that writes the batch, before its connections are written,
    /// because it reads their rows as they were. Adds to the minutes what it counts, and does not
    /// write them. Returns how many rows were merged into traffic_sums, of which some may be new
    /// there.
    std::int64_t write(const BatchPlan& plan, MinuteRows& minutes);

    /// The connections of a recording that are open. The sums of a new file, in which the recorder
    /// goes on, leave out what the old file has counted of them once carry_on() has been told.
    std::vector<LeftOpen> left_open(std::int64_t recording_id);
    void carry_on(const std::vector<LeftOpen>& left_open);

private:
    void add(const ConnectionRow& row, bool is_new, MinuteRows& minutes);
    void change(const ConnectionRow& row, const std::optional<Counted>& before,
                const TrafficKey& key, MinuteRows& minutes);
    void add_to_traffic(const std::optional<Counted>& before, const TrafficKey& key,
                        Amounts amounts);
    Amounts& sum_of(const TrafficKey& key);
    std::optional<Counted> counted(std::int64_t id);
    std::optional<Amounts> counted_by_last_recording(const ConnectionRow& row,
                                                     const Amounts& amounts);
    void append(std::int64_t begin_us);
    bool is_merge_due(std::int64_t begin_us, std::size_t connections);
    std::int64_t merge();

    /// If a commit has more keys than this, the rest is added to one key of unknown owner and
    /// peer. A key takes 200 bytes, so all take 3 MiB.
    static constexpr std::size_t max_keys = 16'384;

    SQLite::Database& db_;
    SQLite::Statement add_left_open_, take_left_open_, find_, append_, recent_, merge_,
        erase_recent_;
    std::unordered_map<TrafficKey, Amounts, TrafficKeyHash> sums_; ///< of the commit
};

} // namespace ctrack
