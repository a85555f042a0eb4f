// SPDX-License-Identifier: Apache-2.0
//
// Deletes the oldest rows of minutes.
#pragma once

#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "recorder/store/retention/deletion_note.h"

namespace ctrack {

class OldMinutes {
public:
    explicit OldMinutes(SQLite::Database& db);

    /// Counts the rows and their bytes, if so many may be new that the last count is wrong by an
    /// eighth. Call it in each transaction before the other functions.
    void look();
    std::int64_t bytes() const { return bytes_; }
    void added(std::int64_t rows) { maybe_new_ += rows; }

    /// Deletes up to most_rows of the oldest, if their minutes were over before before_us. Returns
    /// how many it has deleted. now_us: when the commit is made. The newest minutes stay, because
    /// the recorder still adds to them.
    std::int64_t erase(std::int64_t most_rows, std::int64_t before_us, std::int64_t now_us);

private:
    SQLite::Statement count_, oldest_, erase_;
    std::int64_t rows_ = 0, bytes_ = 0;
    std::int64_t maybe_new_ = 1; ///< not 0, so that the rows are counted at first
    DeletionNote note_;
};

} // namespace ctrack
