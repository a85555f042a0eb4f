// SPDX-License-Identifier: Apache-2.0
//
// Deletes rows of accept_queues and netns_counters.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/retention/deletion_note.h"
#include "recorder/store/retention/retention_plan.h"

namespace ctrack {

class OldPressure {
public:
    explicit OldPressure(SQLite::Database& db);

    /// Deletes up to most_rows of each table, the oldest first, of those that are older than both
    /// moments. Returns how many it has deleted.
    std::int64_t erase(std::int64_t most_rows, const Moment& before, std::int64_t before_us);

private:
    std::int64_t erase(SQLite::Statement& statement, std::int64_t most_rows, const Moment& before,
                       std::int64_t before_us);

    SQLite::Statement queues_, counters_;
    DeletionNote note_;
};

} // namespace ctrack
