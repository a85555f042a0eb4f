// SPDX-License-Identifier: Apache-2.0
//
// Where a report has to look for the connections of its window: in the blocks of ids
// opened about then, and among those that last long. Costs a row for a thousand
// connections and one for each that is open at a commit; any index on connections would
// cost the writer a sixth of its CPU.
#pragma once

#include <cstdint>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/rows/batch_plan.h"

namespace ctrack {

class ConnectionTimes {
public:
    explicit ConnectionTimes(SQLite::Database& db);

    /// In the transaction that writes the batch.
    void write(const BatchPlan& plan);

private:
    struct Span {
        std::int64_t first_us, last_us;
    };
    void write_blocks(const BatchPlan& plan);
    bool widen(std::int64_t block, std::int64_t opened_us);
    void write_long(const ConnectionRow& row, bool is_new);

    SQLite::Statement widen_, add_open_, add_closed_, erase_;
    std::unordered_map<std::int64_t, Span> written_; ///< emptied at 4096 blocks (200 KiB)
};

} // namespace ctrack
