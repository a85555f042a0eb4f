// SPDX-License-Identifier: Apache-2.0
//
// Connections that have ended, listeners and batches: what outlives events and samples.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/retention/old_rows.h"

namespace ctrack {

/// Up to where events and samples are gone, and how old a summary must be.
struct SummaryBounds {
    Remainder samples, events;
    std::int64_t first_batch; ///< that still has some
    std::int64_t before_us;
    std::int64_t now_us;

    bool are_past(std::int64_t recording_id, std::int64_t at_us) const {
        return at_us < before_us && samples.is_past(recording_id, at_us) &&
               events.is_past(recording_id, at_us);
    }
};

/// Sweeps the table connections from its low end up to where events or samples remain,
/// again and again: those still open are left behind and met by a later sweep. At the end
/// of each sweep the listeners and batches of that time follow.
class OldSummaries {
public:
    explicit OldSummaries(SQLite::Database& db);

    /// Looks at no more than so many rows of a table. How many were deleted.
    std::int64_t erase(std::int64_t most_rows, const SummaryBounds& bounds);

    /// The last call came to the end of a sweep.
    bool swept() const { return connection_ == 0; }
    std::int64_t erased_connections() const { return erased_connections_; }

    Deleted take_deleted();

private:
    bool is_due(const SummaryBounds& bounds);
    std::optional<std::int64_t> ended_us(const SummaryBounds& bounds);
    std::int64_t erase_connections(std::int64_t most_rows, const SummaryBounds& bounds);
    std::int64_t erase_listeners(std::int64_t most_rows, const SummaryBounds& bounds);
    std::int64_t erase_batches(std::int64_t most_rows, const SummaryBounds& bounds);

    SQLite::Statement connections_, erase_connection_, erase_long_connection_;
    SQLite::Statement listeners_, erase_listener_;
    SQLite::Statement batches_, erase_batch_;
    std::int64_t connection_ = 0, listener_ = 0, batch_ = 0; ///< how far the sweep has come
    /// When one whose end was not seen was met as such: it has no rows younger than that.
    std::unordered_map<std::int64_t, std::int64_t> lost_; ///< at most 65,536 (3 MiB)
    std::int64_t erased_connections_ = 0;
    Deleted deleted_;
};

} // namespace ctrack
