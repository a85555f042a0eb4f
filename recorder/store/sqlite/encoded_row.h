// SPDX-License-Identifier: Apache-2.0
//
// A row as SQLite stores it: https://www.sqlite.org/fileformat2.html#record_format.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include <endian.h>

namespace ctrack {

/// Writes one of SQLite's integers of 1 to 9 bytes, the last of nine with all its bits. Tells
/// where it ends.
inline char* put_varint(char* to, std::uint64_t value) {
    if (value >> 56) {
        for (int shift = 57; shift >= 8; shift -= 7)
            *to++ = static_cast<char>(value >> shift | 0x80);
        *to++ = static_cast<char>(value);
        return to;
    }
    int shift = 0;
    while (value >> (shift + 7))
        shift += 7;
    for (; shift > 0; shift -= 7)
        *to++ = static_cast<char>(value >> shift | 0x80);
    *to++ = static_cast<char>(value & 0x7f);
    return to;
}

/// Takes the values of a row, in the order of its columns. Throws std::length_error if they are
/// too many or too long, which no row of ours is: over a hundred, or 8 KiB.
class Record {
public:
    Record() = default;
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;

    void clear() {
        types_end_ = types_.data();
        values_end_ = values_.data();
    }
    void null() { add(0, 0); }
    void integer(std::int64_t value) {
        const IntegerType type = type_of(value);
        put_integer(add(type.code, type.bytes), static_cast<std::uint64_t>(value), type.bytes);
    }
    void text(std::string_view text) {
        text.copy(add(13 + 2 * text.size(), text.size()), text.size());
    }

    /// Of the whole row.
    std::size_t size() const { return 1 + type_bytes() + value_bytes(); }
    /// Where there is room for it.
    void copy_to(char* to) const;

private:
    // Types: 0 NULL; 1 to 6 integers of 1, 2, 3, 4, 6 and 8 bytes; 8 and 9 the
    // integers 0 and 1; from 13 on, a text, twice its length more.
    struct IntegerType {
        unsigned code;
        unsigned bytes;
    };

    // The one of fewest bytes; 0 and 1 have types of their own.
    static IntegerType type_of(std::int64_t value) {
        if (value == 0 || value == 1)
            return {8 + static_cast<unsigned>(value), 0};
        const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
        const auto bytes = static_cast<unsigned>(std::bit_width(magnitude)) / 8 + 1;
        if (bytes <= 4)
            return {bytes, bytes};
        return bytes <= 6 ? IntegerType{5, 6} : IntegerType{6, 8};
    }

    // Big-endian. Writes 8 bytes whatever they are, which the next value covers.
    static void put_integer(char* to, std::uint64_t value, unsigned bytes) {
        const std::uint64_t big_endian = bytes ? htobe64(value << (64 - 8 * bytes)) : 0;
        std::memcpy(to, &big_endian, sizeof big_endian);
    }

    // Where the value goes, of this type and so many bytes.
    char* add(std::uint64_t type, std::size_t bytes) {
        if (bytes > most_value_bytes - value_bytes() || type_bytes() >= most_type_bytes)
            refuse();
        types_end_ = put_varint(types_end_, type);
        return std::exchange(values_end_, values_end_ + bytes);
    }
    [[noreturn]] static void refuse();

    std::size_t type_bytes() const { return static_cast<std::size_t>(types_end_ - types_.data()); }
    std::size_t value_bytes() const {
        return static_cast<std::size_t>(values_end_ - values_.data());
    }

    static constexpr std::size_t most_type_bytes = 118; // their number must take one byte
    static constexpr std::size_t most_value_bytes = 8192;
    static constexpr std::size_t spare = 8;

    std::array<char, most_type_bytes + spare> types_;
    std::array<char, most_value_bytes + spare> values_;
    char* types_end_ = types_.data();
    char* values_end_ = values_.data();
};

} // namespace ctrack
