// SPDX-License-Identifier: Apache-2.0
//
// ConnectionRows as rows of the SQL table connections.
#pragma once

#include <cstdint>
#include <span>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/address_text.h"
#include "recorder/batch.h"
#include "recorder/table_image.h"

namespace ctrack {

/// Ids of rows of processes and cgroups.
struct OwnerRows {
    std::int64_t process_id, cgroup_id;
};

class ConnectionRows {
public:
    /// Not within a transaction; see TableImage. Throws SQLite::Exception.
    explicit ConnectionRows(SQLite::Database& db);

    /// Writes them, in the order of their ids, each a whole row: an earlier one of the same id
    /// is replaced. Once in a transaction.
    void write(std::span<const ConnectionRow> rows, std::span<const OwnerRows> owners,
               std::int64_t recording_id);

private:
    void make_image(std::span<const ConnectionRow> rows, std::span<const OwnerRows> owners,
                    std::int64_t recording_id);
    void erase_known(std::span<const ConnectionRow> rows);

    AddressText local_, peer_;
    TableImage image_;
    SQLite::Statement last_id_, erase_, insert_;
};

} // namespace ctrack
