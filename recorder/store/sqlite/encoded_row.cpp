// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sqlite/encoded_row.h"

#include <stdexcept>

namespace ctrack {

namespace {

bool is_integer(double value) {
    constexpr double limit = 1LL << 47;
    return value >= -limit && value < limit &&
           value == static_cast<double>(static_cast<std::int64_t>(value));
}

} // namespace

// As SQLite does it: what is an integer is stored as one.
void Record::real(double value) {
    if (is_integer(value))
        return integer(static_cast<std::int64_t>(value));
    put_integer(add(7, 8), std::bit_cast<std::uint64_t>(value), 8);
}

void Record::copy_to(char* to) const {
    *to++ = static_cast<char>(type_bytes() + 1);
    std::memcpy(to, types_.data(), type_bytes());
    std::memcpy(to + type_bytes(), values_.data(), value_bytes());
}

void Record::refuse() { throw std::length_error("a row too long for a page"); }

} // namespace ctrack
