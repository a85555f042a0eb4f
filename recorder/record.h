// SPDX-License-Identifier: Apache-2.0
//
// A row as SQLite stores it: https://www.sqlite.org/fileformat2.html#record_format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ctrack {

/// Writes one of SQLite's integers of 1 to 9 bytes, here of at most 8: a value of up to 56
/// bits. Tells where it ends.
char* put_varint(char* to, std::uint64_t value);

/// Takes the values of a row, in the order of its columns. Throws std::length_error if they are
/// too many or too long, which no row of ours is: over a hundred, or 8 KiB.
class Record {
public:
    void clear();
    void null();
    void integer(std::int64_t value);
    void real(double value);
    void text(std::string_view text);

    /// Of the whole row.
    std::size_t size() const;
    /// Where there is room for it.
    void copy_to(char* to) const;

private:
    char* add(std::uint64_t type, std::size_t bytes);

    static constexpr std::size_t most_type_bytes = 118; // their number must take one byte
    static constexpr std::size_t most_value_bytes = 8192;
    static constexpr std::size_t spare = 8;

    std::array<char, most_type_bytes + spare> types_;
    std::array<char, most_value_bytes + spare> values_;
    char* types_end_ = types_.data();
    char* values_end_ = values_.data();
};

} // namespace ctrack
