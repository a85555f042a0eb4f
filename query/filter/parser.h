// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "query/filter/condition.h"

namespace ctrack::query::filter {

/// Reads a filter:
///
///   filter = part {or part}        or: ||     binds least
///   part   = term {and term}       and: &&
///   term   = not term | ( filter ) | open | failed | ipv4 | ipv6 | test
///   test   = FIELD [OPERATOR] VALUE      without an operator: =
///          | FIELD [not] in VALUES
///   VALUES = VALUE{,VALUE} | (VALUE{[,] VALUE}) | [VALUE{[,] VALUE}]
///
/// OPERATOR is = != < <= > >= ~ (a regular expression is found in the value) or !~. Lists may
/// stand after = and != too. A VALUE with blanks or symbols in it is "quoted". Times are relative
/// to `now_us`. Throws UsageError, which says where the filter is wrong and what was expected.
Condition parse(std::string_view text, std::int64_t now_us);

/// The words that are a test by themselves, such as open.
std::vector<std::string_view> lone_words();

/// A filter with more tests is refused, because SQLite has limits of its own.
inline constexpr std::size_t most_tests = 1000;

} // namespace ctrack::query::filter
