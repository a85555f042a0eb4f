// SPDX-License-Identifier: Apache-2.0
//
// The oldest rows of packed_rtt_samples or of events.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/retention/retention_plan.h"

namespace ctrack {

inline constexpr std::int64_t any_age = std::numeric_limits<std::int64_t>::max();

/// What has been deleted of a kind, as the table retention has it.
struct Deleted {
    std::int64_t rows = 0;
    std::int64_t kept_from_us = 0; ///< all from this moment on is there

    void add(std::int64_t more_rows, std::int64_t last_time_us) {
        rows += more_rows;
        kept_from_us = std::max(kept_from_us, last_time_us + 1);
    }
};

class OldRows {
public:
    /// name: of a row in the columns of batches, first_NAME_id and last_NAME_id.
    OldRows(SQLite::Database& db, const std::string& table, const std::string& name);

    /// Looks anew what there is; to be called in each transaction before all else.
    void look();
    std::int64_t count() const { return last_id_ - first_id_ + 1; }

    /// Deletes the oldest rows, at most so many, and only of one batch, if that was
    /// committed before this moment. How many.
    std::int64_t erase(std::int64_t most_rows, std::int64_t before_us);

    /// pending_us: the earliest time that is about to be written.
    Remainder remainder(std::int64_t pending_us);

    /// All batches before this one hold none of the rows.
    std::int64_t first_batch() const { return count() == 0 ? any_age : batch_; }

    Deleted take_deleted();

private:
    struct OldestBatch {
        std::int64_t id, recording_id, committed_us, last_id, last_time_us;
    };
    std::optional<OldestBatch> oldest_batch();

    SQLite::Statement bounds_, oldest_, erase_, clear_, shorten_, earliest_;
    std::int64_t batch_ = 0;
    std::int64_t first_id_ = 1, last_id_ = 0;
    Deleted deleted_;
};

} // namespace ctrack
