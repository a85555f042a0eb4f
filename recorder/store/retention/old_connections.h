// SPDX-License-Identifier: Apache-2.0
//
// Deletes connections that have ended, listeners with what is known of their queues, counters of
// network namespaces, and batches. They outlive events and samples.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/retention/deletion_note.h"
#include "recorder/store/retention/old_pressure.h"
#include "recorder/store/retention/retention_plan.h"

namespace ctrack {

/// Only what ended before both moments may be deleted.
struct DeletionBounds {
    Moment remainder;       ///< the first of the events and samples that are left
    std::int64_t before_us; ///< in whichever recording
    std::int64_t now_us;

    bool are_past(const Moment& end) const { return end < remainder && end.time_us < before_us; }
};

/// Sweeps over the table connections again and again, each time from its lowest id up to the
/// first connection whose events or samples remain. A connection that is still open is left for
/// a later sweep. At the end of each sweep, the rest of that time is deleted too.
class OldConnections {
public:
    explicit OldConnections(SQLite::Database& db);

    /// Goes on with the sweep and looks at up to most_rows of each table. Returns how many it has
    /// deleted.
    std::int64_t erase(std::int64_t most_rows, const DeletionBounds& bounds);

    /// Whether the last call of erase() came to the end of a sweep.
    bool swept() const { return connections_.reached == 0; }
    std::int64_t erased_connections() const { return erased_connections_; }

private:
    struct Table {
        Table(SQLite::Database& db, const char* rows_after, std::vector<const char*> erase_row);
        std::optional<std::int64_t> ended_us(std::int64_t now_us);
        void erase_row();

        SQLite::Statement rows; ///< id, recording, beginning, end, and whether its end was not seen
        std::vector<SQLite::Statement> erase; ///< are run with the id of the row to delete
        std::int64_t reached = 0;             ///< the id that the sweep has reached
        /// When the sweep first met a row whose end was not seen, by id. It counts as ended then,
        /// because none of its events and samples is later.
        std::unordered_map<std::int64_t, std::int64_t> lost{}; ///< has at most 65,536 (3 MiB)
    };

    std::int64_t sweep(Table& table, std::int64_t most_rows, const DeletionBounds& bounds);

    Table connections_, listeners_, batches_;
    OldPressure pressure_;
    std::int64_t erased_connections_ = 0;
    DeletionNote note_;
};

} // namespace ctrack
