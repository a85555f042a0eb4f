// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sqlite/encoded_row.h"

#include <stdexcept>

namespace ctrack {

void EncodedRow::copy_to(char* to) const {
    *to++ = static_cast<char>(type_bytes() + 1);
    std::memcpy(to, types_.data(), type_bytes());
    std::memcpy(to + type_bytes(), values_.data(), value_bytes());
}

void EncodedRow::refuse() { throw std::length_error("a row too long for a page"); }

} // namespace ctrack
