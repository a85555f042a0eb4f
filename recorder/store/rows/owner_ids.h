// SPDX-License-Identifier: Apache-2.0
//
// Writes the rows of processes and cgroups, each once, and remembers their ids.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"
#include "recorder/host/process_info.h"

namespace ctrack {

class ProcessIds {
public:
    ProcessIds(SQLite::Database& db, std::int64_t clock_offset_us);

    /// Writes the process, or fills in what its earlier row lacks. Returns the id of the row.
    std::int64_t write(const ProcessRow& process);

    /// The id of the process's row, which is made if there is none. It is 0 for pid 0.
    std::int64_t id_of(const ctrack_owner& owner);

    /// Tells that rows were deleted.
    void forget() { ids_.clear(); }

private:
    SQLite::Statement upsert_;
    std::int64_t clock_offset_us_;
    std::unordered_map<ctrack_owner, std::int64_t, OwnerHash, OwnerEqual>
        ids_; ///< emptied at 65,536 (about 5 MiB)
};

class CgroupIds {
public:
    explicit CgroupIds(SQLite::Database& db);

    /// Writes the cgroup. If its path is not known, that is done only if it has no row yet.
    /// Returns the id of the row.
    std::int64_t write(const CgroupRow& cgroup);

    /// The id of the cgroup's row, which is made if there is none. It is 0 for kernel_id 0.
    std::int64_t id_of(std::uint64_t kernel_id);

    /// Tells that rows were deleted.
    void forget() { ids_.clear(); }

private:
    SQLite::Statement find_;
    SQLite::Statement insert_;
    std::unordered_map<std::uint64_t, std::int64_t> ids_; ///< emptied at 65,536 (about 4 MiB)
};

} // namespace ctrack
