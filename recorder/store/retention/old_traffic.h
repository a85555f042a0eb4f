// SPDX-License-Identifier: Apache-2.0
//
// Deletes the oldest days of traffic_sums.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/retention/old_rows.h"

namespace ctrack {

class OldTraffic {
public:
    explicit OldTraffic(SQLite::Database& db);

    /// Counts the rows the first time. Call it in each transaction before the other functions.
    void look();
    std::int64_t count() const { return rows_; }
    void added(std::int64_t rows) { rows_ += rows_ == unknown ? 0 : rows; }

    /// Deletes up to most_rows of the oldest day, if that was over before before_us. Returns how
    /// many it has deleted. now_us: when the commit is made.
    std::int64_t erase(std::int64_t most_rows, std::int64_t before_us, std::int64_t now_us);

    Deleted take_deleted();

private:
    static constexpr std::int64_t unknown = -1;

    SQLite::Statement count_, oldest_, erase_;
    std::int64_t rows_ = unknown;
    Deleted deleted_;
};

} // namespace ctrack
