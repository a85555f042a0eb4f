// SPDX-License-Identifier: Apache-2.0
//
// From the text of a value to the test of a field, for each type of field.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "query/filter/ast.h"

namespace ctrack::query::filter {

/// A value that the field cannot have; what() is what was expected.
struct BadValue : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// As the user wrote it.
struct Written {
    std::string text;
    bool is_quoted = false; ///< then * and ? stand for themselves
    std::int64_t now_us = 0;
};

/// What `= value` means for the field: equality, or for some the pattern, range
/// or network that the value is. Throws BadValue.
Test equality(const Field& field, const Written& value);

/// `match` is less, less_equal, greater, greater_equal or regex. Throws BadValue
/// also where the field has no order or is no text.
Test comparison(const Field& field, Match match, const Written& value);

} // namespace ctrack::query::filter
