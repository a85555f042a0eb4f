// SPDX-License-Identifier: Apache-2.0
//
// Puts what is in traffic_recent where it belongs. With many peers the rows of a commit
// belong all over traffic_sums: one by one they would dirty a page each. Some thousand
// together, in the order of the table, cost a tenth of that.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace ctrack {

class TrafficMerge {
public:
    explicit TrafficMerge(SQLite::Database& db);

    /// So many rows were appended. Merges, if there is enough to be worth it.
    void step(std::int64_t appended);

    /// The transaction was rolled back.
    void begin_anew() { looked_ = false; }

private:
    void look();
    void merge(std::int64_t before_id);

    SQLite::Statement bounds_, insert_keys_, add_sums_, add_processes_, erase_;
    std::int64_t first_id_ = 1, recent_ = 0;
    bool looked_ = false;
};

} // namespace ctrack
