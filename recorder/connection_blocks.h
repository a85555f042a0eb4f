// SPDX-License-Identifier: Apache-2.0
//
// When the connections of each block of ids were opened: where a report has to look for
// those of its window. Costs a row for a thousand connections, not an index.
#pragma once

#include <cstdint>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/batch.h"

namespace ctrack {

class ConnectionBlocks {
public:
    explicit ConnectionBlocks(SQLite::Database& db);

    /// In the transaction that writes the batch.
    void write(const Batch& batch);

    /// The transaction was rolled back.
    void begin_anew() { written_.clear(); }

    static constexpr std::int64_t ids = 1024; ///< of a block

private:
    struct Span {
        std::int64_t first_us, last_us;
    };
    bool add(std::int64_t block, std::int64_t opened_us);

    SQLite::Statement widen_;
    std::unordered_map<std::int64_t, Span> written_; ///< emptied at 4096 blocks (200 KiB)
};

} // namespace ctrack
