// SPDX-License-Identifier: Apache-2.0
//
// Deletes connections that have ended, listeners and batches. They outlive events and samples.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/retention/old_rows.h"

namespace ctrack {

/// A row may be deleted if it ended before all events and samples that are left.
struct DeletionBounds {
    Remainder samples, events;
    std::int64_t first_batch; ///< the first that still has events or samples
    /// Only what ended before this moment may go.
    std::int64_t before_us;
    std::int64_t now_us;

    bool are_past(std::int64_t recording_id, std::int64_t at_us) const {
        return at_us < before_us && samples.is_past(recording_id, at_us) &&
               events.is_past(recording_id, at_us);
    }
};

/// Sweeps over the table connections again and again, each time from its lowest id up to the
/// first connection whose events or samples remain. A connection that is still open is left for
/// a later sweep. At the end of each sweep, listeners and batches of that time are deleted too.
class OldConnections {
public:
    explicit OldConnections(SQLite::Database& db);

    /// Goes on with the sweep and looks at up to most_rows of each table. Returns how many it has
    /// deleted.
    std::int64_t erase(std::int64_t most_rows, const DeletionBounds& bounds);

    /// Whether the last call of erase() came to the end of a sweep.
    bool swept() const { return connection_ == 0; }
    std::int64_t erased_connections() const { return erased_connections_; }

    Deleted take_deleted();

private:
    bool is_due(const DeletionBounds& bounds);
    std::optional<std::int64_t> ended_us(const DeletionBounds& bounds);
    std::int64_t erase_connections(std::int64_t most_rows, const DeletionBounds& bounds);
    std::int64_t erase_listeners(std::int64_t most_rows, const DeletionBounds& bounds);
    std::int64_t erase_batches(std::int64_t most_rows, const DeletionBounds& bounds);

    SQLite::Statement connections_, erase_connection_, erase_long_connection_;
    SQLite::Statement listeners_, erase_listener_;
    SQLite::Statement batches_, erase_batch_;
    std::int64_t connection_ = 0, listener_ = 0, batch_ = 0; ///< the ids that the sweep has reached
    /// When the sweep first met a connection whose end was not seen, by id. It counts as ended
    /// then, because none of its events and samples is later.
    std::unordered_map<std::int64_t, std::int64_t> lost_; ///< has at most 65,536 (3 MiB)
    std::int64_t erased_connections_ = 0;
    Deleted deleted_;
};

} // namespace ctrack
