// SPDX-License-Identifier: Apache-2.0
//
// Keeps the file within its limits. The oldest data is deleted in small steps, within the
// transaction of the writer and just before a batch is written, so that the batch goes into the
// pages that have become free. The file is never made smaller.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"
#include "recorder/store/retention/old_connections.h"
#include "recorder/store/retention/old_minutes.h"
#include "recorder/store/retention/old_rows.h"
#include "recorder/store/retention/old_traffic.h"
#include "recorder/store/retention/owner_sweep.h"
#include "recorder/store/retention/retention_plan.h"

namespace ctrack {

class Retention {
public:
    Retention(SQLite::Database& db, const RetentionLimits& limits, ProcessIds& process_ids,
              CgroupIds& cgroup_ids);

    /// Deletes as much as the limits ask for, within the transaction that will write the batch.
    /// first_us: the earliest time in the batch; now_us: when it is committed.
    void make_room(const Batch& batch, std::int64_t first_us, std::int64_t now_us);

    /// Tells that a row that refers to these two is about to be written.
    void refer(std::int64_t process_id, std::int64_t cgroup_id) {
        owners_.refer(process_id, cgroup_id);
    }

    /// Tells that traffic_sums has up to so many new rows.
    void traffic_merged(std::int64_t rows) { traffic_.merged(rows); }

    /// Tells that minutes has so many new rows.
    void minutes_added(std::int64_t rows) { minutes_.added(rows); }

private:
    /// How many rows this commit may still delete and look at. So a large backlog, as after a limit
    /// was lowered, takes many commits, but none of them takes long.
    struct Allowance {
        std::int64_t rows, looks;

        template <class Erase> std::int64_t spend(std::int64_t rows_each, Erase erase);
    };

    void drop_old(Allowance& allowance, std::int64_t before_us);
    void shrink(Allowance& allowance, std::int64_t coming_bytes);
    std::int64_t drop_some(Allowance& allowance);
    std::int64_t drop(DataKind kind, Allowance& allowance);
    std::int64_t drop_rows(OldRows& rows, Allowance& allowance, std::int64_t before_us);
    std::int64_t drop_traffic(Allowance& allowance, std::int64_t before_us);
    std::int64_t drop_minutes(Allowance& allowance, std::int64_t before_us);
    std::int64_t drop_connections(Allowance& allowance, std::int64_t before_us);
    std::int64_t rows_left() const {
        return samples_.count() + events_.count() + intervals_.count();
    }
    OldRows& rows_of_oldest();
    Moment remainder();
    std::int64_t used_bytes();
    KindBytes kind_bytes();

    RetentionLimits limits_;
    SizeBudget budget_;
    OldRows samples_, events_, intervals_;
    OldConnections connections_;
    OldTraffic traffic_;
    OldMinutes minutes_;
    OwnerSweep owners_;
    SQLite::Statement used_pages_;
    std::int64_t page_bytes_;
    std::int64_t first_us_ = 0, now_us_ = 0;
    std::int64_t next_sweep_us_ = 0;    ///< when the next sweep by age begins
    std::int64_t rows_until_sweep_ = 0; ///< rows of OldRows to delete before one by size
};

} // namespace ctrack
