// SPDX-License-Identifier: Apache-2.0
//
// A row encoded as SQLite stores it (https://www.sqlite.org/fileformat2.html#record_format, where
// it is called a record). Part of the shortcut that incoming_table.h explains.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <endian.h>

namespace ctrack {

/// Writes an integer of 1 to 9 bytes as SQLite encodes it: 7 bits in each byte, but 8 bits in the
/// ninth. Returns the place after it.
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

/// Takes the values of a row in the order of its columns. Throws std::length_error where there
/// are over a hundred values, or over 8 KiB of them; no row of ours has that many.
class EncodedRow {
public:
    EncodedRow() = default;
    EncodedRow(const EncodedRow&) = delete;
    EncodedRow& operator=(const EncodedRow&) = delete;

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

    /// The bytes of the whole row.
    std::size_t size() const { return 1 + type_bytes() + value_bytes(); }

    /// Copies the row to a place that has room for size() bytes.
    void copy_to(char* to) const {
        *to++ = static_cast<char>(type_bytes() + 1);
        std::memcpy(to, types_.data(), type_bytes());
        std::memcpy(to + type_bytes(), values_.data(), value_bytes());
    }

private:
    // The codes of types are: 0 for NULL; 1 to 6 for integers of 1, 2, 3, 4, 6 and 8 bytes; 8 and 9
    // for the integers 0 and 1, which take no bytes; 13 + 2 n for a text of n bytes.
    struct IntegerType {
        unsigned code;
        unsigned bytes;
    };

    // Chooses the type that takes the fewest bytes, as SQLite does.
    static IntegerType type_of(std::int64_t value) {
        if (value == 0 || value == 1)
            return {8 + static_cast<unsigned>(value), 0};
        const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
        const auto bytes = static_cast<unsigned>(std::bit_width(magnitude)) / 8 + 1;
        if (bytes <= 4)
            return {bytes, bytes};
        return bytes <= 6 ? IntegerType{5, 6} : IntegerType{6, 8};
    }

    // Writes big-endian. It always writes 8 bytes, which is faster than a loop; the next value
    // overwrites those that are too many.
    static void put_integer(char* to, std::uint64_t value, unsigned bytes) {
        const std::uint64_t big_endian = bytes ? htobe64(value << (64 - 8 * bytes)) : 0;
        std::memcpy(to, &big_endian, sizeof big_endian);
    }

    // Notes the type of the next value and returns the place for its bytes.
    char* add(std::uint64_t type, std::size_t bytes) {
        if (bytes > most_value_bytes - value_bytes() || type_bytes() >= most_type_bytes)
            throw std::length_error("a row too long for a page");
        types_end_ = put_varint(types_end_, type);
        return std::exchange(values_end_, values_end_ + bytes);
    }

    std::size_t type_bytes() const { return static_cast<std::size_t>(types_end_ - types_.data()); }
    std::size_t value_bytes() const {
        return static_cast<std::size_t>(values_end_ - values_.data());
    }

    // The length of all types must fit into an integer of one byte, which goes up to 127.
    static constexpr std::size_t most_type_bytes = 118;
    static constexpr std::size_t most_value_bytes = 8192;
    static constexpr std::size_t spare = 8; // put_integer() may write this far behind the end

    std::array<char, most_type_bytes + spare> types_;
    std::array<char, most_value_bytes + spare> values_;
    char* types_end_ = types_.data();
    char* values_end_ = values_.data();
};

} // namespace ctrack
