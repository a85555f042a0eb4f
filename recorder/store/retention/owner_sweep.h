// SPDX-License-Identifier: Apache-2.0
//
// Deletes processes and cgroups to which no row refers any more. A sweep first marks those to
// which rows refer, in small steps within many commits, and then deletes the others.
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
    /// process_ids and cgroup_ids are told when rows were deleted.
    OwnerSweep(SQLite::Database& db, ProcessIds& process_ids, CgroupIds& cgroup_ids);

    /// Tells that a row that refers to these two is about to be written.
    void refer(std::int64_t process_id, std::int64_t cgroup_id);

    /// Takes the next step, which looks at up to most_rows. A new sweep begins when half as many
    /// connections were deleted as the last sweep has met. erased_connections: how many were
    /// deleted so far.
    void step(std::int64_t most_rows, std::int64_t erased_connections);

private:
    using Marks = std::vector<bool>; ///< one bit for each id that was ever given

    void begin(std::int64_t erased_connections);
    void look_at_row(SQLite::Statement& row);
    bool lives(const std::string& name) const;

    SQLite::Database& db_;
    ProcessIds& process_ids_;
    CgroupIds& cgroup_ids_;
    std::vector<SQLite::Statement> phases_; ///< each takes an id and gives the rows after it
    SQLite::Statement erase_process_, erase_cgroup_;
    std::string cgroup_root_;
    std::size_t phase_;        ///< in phases_; behind its end between two sweeps
    std::int64_t last_id_ = 0; ///< the last row that this phase has looked at
    std::int64_t met_ = 0, erased_at_begin_ = 0;
    Marks process_marks_, cgroup_marks_;
};

} // namespace ctrack
