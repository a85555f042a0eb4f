// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/filter/ast.h"

namespace ctrack::query::filter {

/// A condition on connection_facts or listener_facts. Its text is made of fixed pieces and numbers
/// alone, so that no text of a user becomes SQL: value n is read from temp.filter_values, where
/// the values must be put, the first one as n = 1.
struct Condition {
    std::string sql;
    std::vector<Value> values;
};

Condition to_sql(const Expression& expression);

} // namespace ctrack::query::filter
