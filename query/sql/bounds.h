// SPDX-License-Identifier: Apache-2.0
//
// How much a statement of our own may take. The rows of a stranger's file may be such that a report
// would go on for days, or fill the disk with what it sorts. Reports on generated files took one
// step of SQLite for each byte of the file at most, and verify three in all its statements.
#pragma once

#include <cstdint>
#include <limits>

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

struct Bounds {
    static constexpr auto none = std::numeric_limits<std::int64_t>::max();

    std::int64_t steps = none;         ///< instructions of SQLite's virtual machine
    std::int64_t written_bytes = none; ///< what this program writes: temporary files and output
    std::size_t cell_bytes = std::numeric_limits<std::size_t>::max(); ///< a text of a row
    int value_bytes = std::numeric_limits<int>::max(); ///< a value that SQLite works with
};

/// The bounds for the files that are open, which grow with their size.
Bounds bounds_for(SQLite::Database& db, std::size_t files);

/// How much this program has written so far; 0 where the kernel does not tell.
std::int64_t bytes_written();

} // namespace ctrack::query
