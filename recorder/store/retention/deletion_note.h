// SPDX-License-Identifier: Apache-2.0
//
// Says in the table retention what was deleted of one kind of data.
#pragma once

#include <cstdint>
#include <limits>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/sqlite/bind.h"

namespace ctrack {

inline constexpr std::int64_t any_age = std::numeric_limits<std::int64_t>::max();

class DeletionNote {
public:
    /// kind: as in the table. SQLite keeps the pointer.
    DeletionNote(SQLite::Database& db, const char* kind)
        : kind_(kind),
          note_(db, "UPDATE retention SET deleted_rows = deleted_rows + ?1, "
                    "kept_from_us = max(coalesce(kept_from_us, ?2), ?2) WHERE kind = ?3") {}

    /// last_time_us: when the newest of the deleted rows happened.
    void add(std::int64_t rows, std::int64_t last_time_us) {
        if (rows == 0)
            return;
        bind_all(note_, rows, last_time_us + 1, kind_);
        note_.exec();
    }

private:
    const char* kind_;
    SQLite::Statement note_;
};

} // namespace ctrack
