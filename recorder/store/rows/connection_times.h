// SPDX-License-Identifier: Apache-2.0
//
// Where a report has to look for the connections of its window: in the blocks of ids
// opened about then, and among those that last long. Costs a row for a thousand
// connections and one for each that is open at a commit; any index on connections would
// cost the writer a sixth of its CPU.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"

namespace ctrack {

class ConnectionTimes {
public:
    explicit ConnectionTimes(SQLite::Database& db);

    /// In the transaction that writes the batch, before its connections.
    void write(const Batch& batch);

    /// The transaction was rolled back.
    void begin_anew();

private:
    struct Span {
        std::int64_t first_us, last_us;
    };
    void write_blocks(const Batch& batch);
    bool widen(std::int64_t block, std::int64_t opened_us);
    void write_long(const ConnectionRow& row, bool is_new);

    SQLite::Statement last_id_, widen_, add_open_, add_closed_, erase_;
    std::optional<std::int64_t> last_written_;       ///< the highest id of connections
    std::unordered_map<std::int64_t, Span> written_; ///< emptied at 4096 blocks (200 KiB)
};

} // namespace ctrack
