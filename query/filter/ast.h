// SPDX-License-Identifier: Apache-2.0
//
// What a filter says, from whichever side it came: the words after a report or
// the options -p, -c, --peer and so on.
#pragma once

#include <cstddef>
#include <vector>

#include "query/base/value.h"
#include "query/filter/fields.h"

namespace ctrack::query::filter {

/// How a field's value is held against `low` (and `high`, of a range alone).
enum class Match {
    equal,
    less,
    less_equal,
    greater,
    greater_equal,
    range,   ///< from low to high, both included
    prefix,  ///< text that begins so
    glob,    ///< all of the text is like this pattern of * and ?
    regex,   ///< somewhere in the text this regular expression (RE2) is found
    network, ///< an address of this network, ADDRESS/BITS
};

/// One field against one value. It does not hold where the field is NULL.
struct Test {
    const Field* field;
    Match match;
    Value low;
    Value high;
};

/// A test, or several expressions put together.
struct Expression {
    enum class Kind { test, all, any, negation };

    Kind kind;
    Test test;                     ///< of kind test
    std::vector<Expression> parts; ///< of the others
};

inline Expression of(Test test) { return {Expression::Kind::test, std::move(test), {}}; }

/// A single part stands for itself.
inline Expression of(Expression::Kind kind, std::vector<Expression> parts) {
    if (parts.size() == 1 && kind != Expression::Kind::negation)
        return std::move(parts.front());
    return {kind, {}, std::move(parts)};
}

/// How many tests there are in it.
std::size_t size(const Expression& expression);

/// The first field that a listening socket does not have, or nullptr.
const Field* not_of_listeners(const Expression& expression);

} // namespace ctrack::query::filter
