// SPDX-License-Identifier: Apache-2.0
//
// Writes ConnectionRows as rows of the SQL tables connections and long_connections. A report finds
// the connections of its window in two ways: by the ids in the batches committed about then, and by
// long_connections, which has those that began long before.
#pragma once

#include <cstddef>

#include <SQLiteCpp/Statement.h>

#include "recorder/fold/address_text.h"
#include "recorder/store/rows/batch_plan.h"
#include "recorder/store/sqlite/incoming_table.h"

namespace ctrack {

class ConnectionRows {
public:
    /// Throws Error if the table has other columns than ours, and SQLite::Exception.
    explicit ConnectionRows(SQLite::Database& db);

    /// Writes the connections of the batch, each as a whole row, which replaces an earlier row of
    /// the same id. It may be called once in a transaction. Throws SQLite::Exception.
    void write(const BatchPlan& plan);

private:
    void encode(const ConnectionRow& row, const OwnerRows& owner, std::int64_t recording_id);
    void show(IncomingTable& table, const BatchPlan& plan, std::size_t first, std::size_t end);
    void insert_new();
    void note_if_long(const ConnectionRow& row, bool is_new);

    SQLite::Database& db_;
    IncomingTable known_, new_; ///< see BatchPlan
    EncodedRow row_;            ///< the one that encode() has made
    AddressText local_, peer_;
    SQLite::Statement replace_known_;
    SQLite::Statement add_open_, add_closed_, erase_; ///< of long_connections
};

} // namespace ctrack
