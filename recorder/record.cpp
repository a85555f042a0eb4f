// SPDX-License-Identifier: Apache-2.0
#include "recorder/record.h"

#include <bit>
#include <cstring>
#include <stdexcept>

#include <endian.h>

namespace ctrack {

namespace {

// The integers 0 and 1 take no more than their type; a text's has twice its length added.
enum SerialType : std::uint64_t {
    type_null = 0,
    type_real = 7,
    type_zero = 8,
    type_one = 9,
    type_text = 13
};

struct IntegerType {
    std::uint64_t type;
    int bytes;
};

// In the fewest bytes there is a type for.
IntegerType type_of(std::int64_t value) {
    const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
    const int bytes = std::bit_width(magnitude) / 8 + 1; // with the sign's bit
    if (bytes <= 4)
        return {static_cast<std::uint64_t>(bytes), bytes};
    return bytes <= 6 ? IntegerType{5, 6} : IntegerType{6, 8};
}

// Big-endian, the lowest so many bytes; writes 8, that is into what comes next.
void put_integer(char* to, std::uint64_t value, int bytes) {
    const std::uint64_t big_endian = htobe64(value << (64 - 8 * bytes));
    std::memcpy(to, &big_endian, sizeof big_endian);
}

bool is_integer(double value) {
    constexpr double limit = 1LL << 47;
    return value >= -limit && value < limit &&
           value == static_cast<double>(static_cast<std::int64_t>(value));
}

} // namespace

char* put_varint(char* to, std::uint64_t value) {
    int shift = 0;
    while (value >> (shift + 7))
        shift += 7;
    for (; shift > 0; shift -= 7)
        *to++ = static_cast<char>(value >> shift | 0x80);
    *to++ = static_cast<char>(value & 0x7f);
    return to;
}

void Record::clear() {
    types_end_ = types_.data();
    values_end_ = values_.data();
}

// Where the value goes, of this type and so many bytes.
char* Record::add(std::uint64_t type, std::size_t bytes) {
    char* const value = values_end_;
    if (values_.data() + most_value_bytes - value < static_cast<std::ptrdiff_t>(bytes) ||
        types_end_ >= types_.data() + most_type_bytes)
        throw std::length_error("a row too long for a page");
    types_end_ = put_varint(types_end_, type);
    values_end_ += bytes;
    return value;
}

void Record::null() { add(type_null, 0); }

void Record::integer(std::int64_t value) {
    if (value == 0 || value == 1) {
        add(value ? type_one : type_zero, 0);
        return;
    }
    const auto [type, bytes] = type_of(value);
    put_integer(add(type, static_cast<std::size_t>(bytes)), static_cast<std::uint64_t>(value),
                bytes);
}

// As SQLite does it: what is an integer is stored as one.
void Record::real(double value) {
    if (is_integer(value))
        return integer(static_cast<std::int64_t>(value));
    put_integer(add(type_real, 8), std::bit_cast<std::uint64_t>(value), 8);
}

void Record::text(std::string_view text) {
    text.copy(add(type_text + 2 * text.size(), text.size()), text.size());
}

std::size_t Record::size() const {
    return 1 + static_cast<std::size_t>(types_end_ - types_.data() + values_end_ - values_.data());
}

void Record::copy_to(char* to) const {
    const auto types = static_cast<std::size_t>(types_end_ - types_.data());
    *to++ = static_cast<char>(types + 1);
    std::memcpy(to, types_.data(), types);
    std::memcpy(to + types, values_.data(), size() - 1 - types);
}

} // namespace ctrack
