// SPDX-License-Identifier: Apache-2.0
//
// ConnectionRows as rows of the SQL table connections.
#pragma once

#include <cstdint>
#include <span>

#include <SQLiteCpp/Statement.h>

#include "recorder/fold/address_text.h"
#include "recorder/fold/batch.h"
#include "recorder/store/sqlite/incoming_table.h"

namespace ctrack {

/// Ids of rows of processes and cgroups.
struct OwnerRows {
    std::int64_t process_id, cgroup_id;
};

class ConnectionRows {
public:
    struct Rows {
        std::span<const ConnectionRow> connections; ///< in the order of their ids, none twice
        std::span<const OwnerRows> owners;          ///< likewise
        std::int64_t recording_id;
    };

    /// Throws Error if the table has not the columns it should have, SQLite::Exception.
    explicit ConnectionRows(SQLite::Database& db);

    /// Writes these, each a whole row: an earlier one of the same id is replaced. Once in a
    /// transaction. Throws SQLite::Exception.
    void write(const Rows& rows);

private:
    std::int64_t last_id();
    void show(IncomingTable& table, const Rows& rows);
    void insert_new();

    SQLite::Database& db_;
    IncomingTable known_; ///< those up to the last id of the file: mostly they are in it
    IncomingTable new_;
    Record record_;
    AddressText local_, peer_;
    SQLite::Statement last_id_;
    SQLite::Statement replace_known_;
};

} // namespace ctrack
