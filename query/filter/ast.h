// SPDX-License-Identifier: Apache-2.0
//
// What a filter says. It is the same for the words after a report as for the options -p, -c,
// --peer and so on.
#pragma once

#include <cstddef>
#include <vector>

#include "query/base/value.h"
#include "query/filter/fields.h"

namespace ctrack::query::filter {

/// How the value of a field is compared with `low`, and in a range with `high` too.
enum class Match {
    equal,
    less,
    less_equal,
    greater,
    greater_equal,
    range,   ///< it is from low to high, both included
    prefix,  ///< the text begins with it
    glob,    ///< the whole text is like this pattern of * and ?
    regex,   ///< the regular expression (RE2) is found somewhere in the text
    network, ///< the address belongs to this network, ADDRESS/BITS
};

/// Compares one field with one value. It does not hold where the field is NULL.
struct Test {
    const Field* field;
    Match match;
    Value low;
    Value high;
};

/// A test, or expressions put together: `all` of them must hold, or `any` of them, or the one must
/// not hold (`negation`).
struct Expression {
    enum class Kind { test, all, any, negation };

    Kind kind;
    Test test;                     ///< is set for the kind test
    std::vector<Expression> parts; ///< are set for the other kinds
};

inline Expression of(Test test) { return {Expression::Kind::test, std::move(test), {}}; }

/// Puts parts together. A single part stands for itself, unless it is negated.
inline Expression of(Expression::Kind kind, std::vector<Expression> parts) {
    if (parts.size() == 1 && kind != Expression::Kind::negation)
        return std::move(parts.front());
    return {kind, {}, std::move(parts)};
}

/// How many tests the expression has.
std::size_t size(const Expression& expression);

/// The first field that a listening socket does not have, or nullptr.
const Field* not_of_listeners(const Expression& expression);

} // namespace ctrack::query::filter
