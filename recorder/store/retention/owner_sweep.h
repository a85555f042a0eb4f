// SPDX-License-Identifier: Apache-2.0
//
// Processes and cgroups to which no row refers any more: found by marking those that are
// referred to, in steps within many commits, and then deleting the others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/rows/owner_ids.h"

namespace ctrack {

class OwnerSweep {
public:
    /// The ids are told which rows have gone.
    OwnerSweep(SQLite::Database& db, ProcessIds& process_ids, CgroupIds& cgroup_ids);

    /// A row that refers to these is about to be written.
    void refer(std::int64_t process_id, std::int64_t cgroup_id);

    /// The next step, of no more than so many rows; connections: how many were deleted in
    /// all. When those are half as many as the last sweep met, a new one begins.
    void step(std::int64_t most_rows, std::int64_t erased_connections);

private:
    enum class Phase { idle, connections, listeners, processes, cgroups };
    using Marks = std::vector<bool>; ///< one bit for each id ever given

    void begin(std::int64_t erased_connections);
    void mark(SQLite::Statement& rows, std::int64_t most_rows, Phase next);
    void erase_processes(std::int64_t most_rows);
    void erase_cgroups(std::int64_t most_rows);
    void go_on(Phase next);

    SQLite::Database& db_;
    ProcessIds& process_ids_;
    CgroupIds& cgroup_ids_;
    SQLite::Statement connections_, listeners_, processes_, cgroups_;
    SQLite::Statement erase_process_, erase_cgroup_;
    std::string cgroup_root_;
    Phase phase_ = Phase::idle;
    std::int64_t last_id_ = 0; ///< of the phase
    std::int64_t met_ = 0, erased_at_begin_ = 0;
    Marks process_marks_, cgroup_marks_;
};

} // namespace ctrack
