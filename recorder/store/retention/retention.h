// SPDX-License-Identifier: Apache-2.0
//
// Keeps the file within its limits: what is oldest goes, in small steps within the
// transactions of the writer, just before a batch is written. The pages that become free
// take the batch; the file is never made smaller.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"
#include "recorder/store/retention/old_connections.h"
#include "recorder/store/retention/old_rows.h"
#include "recorder/store/retention/old_traffic.h"
#include "recorder/store/retention/owner_sweep.h"
#include "recorder/store/retention/retention_plan.h"

namespace ctrack {

class Retention {
public:
    Retention(SQLite::Database& db, const RetentionLimits& limits, ProcessIds& process_ids,
              CgroupIds& cgroup_ids);

    /// Within the transaction that will write the batch. now_us as the batch's committed_us,
    /// first_us: the earliest time in it.
    void make_room(const Batch& batch, std::int64_t first_us, std::int64_t now_us);

    /// A row that refers to these is about to be written.
    void refer(std::int64_t process_id, std::int64_t cgroup_id) {
        owners_.refer(process_id, cgroup_id);
    }

    /// So many rows of traffic_sums are new.
    void traffic_added(std::int64_t rows) { traffic_.added(rows); }

private:
    /// What one commit may still do: so that a large backlog (a limit made smaller, a long
    /// pause) takes many commits and none of them long.
    struct Allowance {
        std::int64_t rows, looks;
    };

    void drop_old(Allowance& allowance, std::int64_t before_us);
    void shrink(Allowance& allowance, std::int64_t coming_bytes);
    std::int64_t drop_some(Allowance& allowance);
    std::int64_t drop(DataKind kind, Allowance& allowance);
    std::int64_t drop_rows(OldRows& rows, Allowance& allowance, std::int64_t before_us);
    std::int64_t drop_traffic(Allowance& allowance, std::int64_t before_us);
    std::int64_t drop_summaries(Allowance& allowance, std::int64_t before_us);
    std::int64_t rows_left() const { return samples_.count() + events_.count(); }
    std::int64_t used_bytes();
    KindBytes kind_bytes();
    SummaryBounds bounds(std::int64_t before_us);
    void write_deleted();
    void write_deleted(const char* kind, const Deleted& deleted);

    RetentionLimits limits_;
    SizeBudget budget_;
    OldRows samples_, events_;
    OldSummaries summaries_;
    OldTraffic traffic_;
    OwnerSweep owners_;
    SQLite::Statement used_pages_, note_;
    std::int64_t page_bytes_;
    std::int64_t first_us_ = 0, now_us_ = 0;
    std::int64_t next_sweep_us_ = 0;    ///< for age
    std::int64_t rows_until_sweep_ = 0; ///< for size: samples and events still to be dropped
};

} // namespace ctrack
