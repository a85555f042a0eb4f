// SPDX-License-Identifier: Apache-2.0
//
// Turns the text of a value into a test of a field, for each type of field.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "query/filter/condition.h"

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
Condition equality(const Field& field, const Written& value);

/// The test for an operator: < <= > >= or ~, which finds a regular expression in a text. Throws
/// BadValue, also if the field has no order or, for ~, is no text.
Condition comparison(const Field& field, std::string_view symbol, const Written& value);

/// Whether the text is one end of a connection: 10.0.0.1:443, [::1]:443, db1:443, or an address.
bool is_one_end(const std::string& text);

} // namespace ctrack::query::filter
