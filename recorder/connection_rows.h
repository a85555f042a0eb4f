// SPDX-License-Identifier: Apache-2.0
//
// ConnectionRows as rows of the SQL table connections.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recorder/address_text.h"
#include "recorder/batch.h"
#include "recorder/memory_table.h"

namespace ctrack {

/// Ids of rows of processes and cgroups.
struct OwnerRows {
    std::int64_t process_id, cgroup_id;
};

class ConnectionRows {
public:
    /// Registers the table connection_rows; see MemoryTable. Throws SQLite::Exception.
    explicit ConnectionRows(sqlite3* db);

    /// Writes all that are shown, each a whole row: an earlier one of the same id is replaced.
    static std::string replace_sql();

    /// Shows these rows until the next call; neither they nor their owners are copied.
    void show(std::span<const ConnectionRow> rows, std::span<const OwnerRows> owners,
              std::int64_t recording_id);

    std::size_t row_count() const { return rows_.size(); }
    void give(sqlite3_context* context, std::size_t row, int column) const;

private:
    std::span<const ConnectionRow> rows_;
    std::span<const OwnerRows> owners_;
    std::int64_t recording_id_ = 0;
    mutable AddressText local_, peer_; ///< SQLite reads them before the next row's are made
    MemoryTable<ConnectionRows> table_;
};

} // namespace ctrack
