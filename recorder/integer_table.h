// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "recorder/memory_table.h"

namespace ctrack {

/// Structures of integers as a table of SQL; see MemoryTable.
class IntegerTable {
public:
    /// columns: "a, b, c". It must outlive the use of the connection. Throws SQLite::Exception.
    IntegerTable(sqlite3* db, const std::string& name, const std::string& columns)
        : table_(db, name, "CREATE TABLE x(" + columns + ")", *this) {}

    /// Shows these rows, each a structure of nothing but std::int64_t, until the
    /// next call. They are not copied.
    template <class Row> void show(std::span<const Row> rows) {
        static_assert(sizeof(Row) % sizeof(std::int64_t) == 0);
        bytes_ = std::as_bytes(rows);
        row_bytes_ = sizeof(Row);
    }

    std::size_t row_count() const { return row_bytes_ ? bytes_.size() / row_bytes_ : 0; }

    void give(sqlite3_context* context, std::size_t row, int column) const {
        std::int64_t value = 0;
        std::memcpy(&value,
                    bytes_.data() + row * row_bytes_ +
                        static_cast<std::size_t>(column) * sizeof value,
                    sizeof value);
        sqlite3_result_int64(context, value);
    }

private:
    std::span<const std::byte> bytes_;
    std::size_t row_bytes_ = 0;
    MemoryTable<IntegerTable> table_;
};

} // namespace ctrack
