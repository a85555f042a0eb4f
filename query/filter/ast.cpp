// SPDX-License-Identifier: Apache-2.0
#include "query/filter/ast.h"

namespace ctrack::query::filter {

std::size_t size(const Expression& expression) {
    if (expression.kind == Expression::Kind::test)
        return 1;
    std::size_t sum = 0;
    for (const auto& part : expression.parts)
        sum += size(part);
    return sum;
}

const Field* not_of_listeners(const Expression& expression) {
    if (expression.kind == Expression::Kind::test)
        return expression.test.field->of_listeners ? nullptr : expression.test.field;
    for (const auto& part : expression.parts)
        if (const auto* field = not_of_listeners(part))
            return field;
    return nullptr;
}

} // namespace ctrack::query::filter
