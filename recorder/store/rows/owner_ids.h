// SPDX-License-Identifier: Apache-2.0
//
// Rows of processes and cgroups: written once, then known by their id.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/fold/batch.h"
#include "recorder/host/process_info.h"

namespace ctrack {

class ProcessIds {
public:
    ProcessIds(SQLite::Database& db, std::int64_t clock_offset_us);

    /// Writes the process, or fills in what an earlier row of it lacks.
    std::int64_t write(const ProcessRow& process);

    /// The id of its row, made if there is none; 0 for pid 0.
    std::int64_t id_of(const ctrack_owner& owner);

    /// These rows are there no more.
    void forget(const std::unordered_set<std::int64_t>& ids);

private:
    SQLite::Statement upsert_;
    std::int64_t clock_offset_us_;
    std::unordered_map<ctrack_owner, std::int64_t, OwnerHash, OwnerEqual>
        ids_; ///< emptied at 65,536 (about 5 MiB)
};

class CgroupIds {
public:
    explicit CgroupIds(SQLite::Database& db);

    /// Writes the cgroup; one without a path only if there is no row of it yet.
    std::int64_t write(const CgroupRow& cgroup);

    /// The id of its row, made if there is none; 0 for kernel_id 0.
    std::int64_t id_of(std::uint64_t kernel_id);

    /// These rows are there no more.
    void forget(const std::unordered_set<std::int64_t>& ids);

private:
    SQLite::Statement find_;
    SQLite::Statement insert_;
    std::unordered_map<std::uint64_t, std::int64_t> ids_; ///< emptied at 65,536 (about 4 MiB)
};

} // namespace ctrack
