// SPDX-License-Identifier: Apache-2.0
//
// Deletes the oldest rows of packed_rtt_samples, of events or of packed_intervals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/retention/deletion_note.h"
#include "recorder/store/retention/retention_plan.h"

namespace ctrack {

class OldRows {
public:
    /// name: the columns of batches that have the ids are called first_NAME_id and last_NAME_id.
    /// kind: as in the table retention.
    OldRows(SQLite::Database& db, const std::string& table, const std::string& name,
            const char* kind);

    /// Reads which rows there are. Call it in each transaction before the other functions.
    void look();
    std::int64_t count() const { return last_id_ - first_id_ + 1; }

    /// Deletes up to most_rows of the oldest batch, if that was committed before before_us. Returns
    /// how many it has deleted.
    std::int64_t erase(std::int64_t most_rows, std::int64_t before_us);

    /// The moment before which no row is left. pending_us: the earliest time in the batch that is
    /// about to be written.
    Moment remainder(std::int64_t pending_us);

private:
    struct OldestBatch {
        std::int64_t id, recording_id, committed_us, last_id, last_time_us;
    };
    std::optional<OldestBatch> oldest_batch();

    SQLite::Statement bounds_, oldest_, erase_, clear_, shorten_, earliest_;
    std::int64_t batch_ = 0;
    std::int64_t first_id_ = 1, last_id_ = 0;
    DeletionNote note_;
};

} // namespace ctrack
