// SPDX-License-Identifier: Apache-2.0
//
// Writes the rows of a batch to all tables, within a transaction of the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"
#include "recorder/store/retention/retention.h"
#include "recorder/store/rows/batch_plan.h"
#include "recorder/store/rows/connection_rows.h"
#include "recorder/store/rows/owner_ids.h"
#include "recorder/store/sqlite/integer_table.h"
#include "recorder/store/sums/traffic_writer.h"

namespace ctrack {

/// The first and the last of some ids or times. Both are empty if there are none.
struct Range {
    std::optional<std::int64_t> first, last;
};

class BatchRows {
public:
    struct Recording {
        std::int64_t id;
        std::string boot_id;
        std::int64_t clock_offset_us;
    };

    /// db must outlive it. Throws Error if the table connections has other columns than ours.
    BatchRows(SQLite::Database& db, const Recording& recording, const RetentionLimits& limits);

    /// Deletes what is too old or too much, then writes the batch. Throws SQLite::Exception.
    void write(const Batch& batch, std::int64_t committed_us);

    /// See TrafficWriter.
    std::vector<LeftOpen> left_open() { return traffic_.left_open(recording_.id); }
    void carry_on(const std::vector<LeftOpen>& left_open) { traffic_.carry_on(left_open); }

    /// From the next write() on the file keeps within these.
    void set_limits(const RetentionLimits& limits) {
        limits_ = limits;
        forget(); // the retention that keeps within the old ones
    }

    /// Must be called if the transaction of the last write() was rolled back, because what is known
    /// of the file is then wrong.
    void forget() { known_.reset(); }

private:
    /// What is known of the file from one commit to the next. After a rollback it is read again.
    struct Known {
        Known(SQLite::Database& db, const Recording& recording, const RetentionLimits& limits);

        ProcessIds processes;
        CgroupIds cgroups;
        Retention retention;
        MinuteRows minutes;
        bool rtt_source = false; ///< whether the recording's row has it
    };

    Known& known();
    OwnerRows owner_of(const ctrack_summary& summary);
    void write_owners(const Batch& batch);
    void write_listeners(const Batch& batch);
    void write_pressure(const Batch& batch);
    BatchPlan plan(const Batch& batch, std::int64_t committed_us);
    void write_connections(const BatchPlan& plan);
    Range append(SQLite::Statement& insert, std::size_t rows);
    void write_batch_row(const Batch& batch, const BatchPlan& plan, const Range& times);
    void note_rtt_source(const Batch& batch);

    SQLite::Database& db_;
    Recording recording_;
    RetentionLimits limits_;
    IntegerTable event_rows_, rtt_rows_, interval_rows_;
    ConnectionRows connection_rows_;
    TrafficWriter traffic_;
    SQLite::Statement last_connection_id_, replace_listener_;
    SQLite::Statement insert_accept_queue_, insert_netns_counters_;
    SQLite::Statement insert_events_, insert_rtt_samples_, insert_intervals_, insert_batch_;
    std::optional<Known> known_;
};

} // namespace ctrack
