// SPDX-License-Identifier: Apache-2.0
//
// Turns the text of a value into a test of a field, for each type of field.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "query/filter/ast.h"

namespace ctrack::query::filter {

/// The field cannot have such a value. what() says what was expected.
struct BadValue : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A value as the user wrote it.
struct Written {
    std::string text;
    bool is_quoted = false; ///< if so, * and ? stand for themselves
    std::int64_t now_us = 0;
};

/// What `= value` means for the field. It is equality, or a match with the pattern, range or
/// network that the value may be. Throws BadValue.
Test equality(const Field& field, const Written& value);

/// The test for an operator: `match` is less, less_equal, greater, greater_equal or regex. Throws
/// BadValue, also if the field has no order or, for regex, is no text.
Test comparison(const Field& field, Match match, const Written& value);

} // namespace ctrack::query::filter
