// SPDX-License-Identifier: Apache-2.0
//
// What a filter says, as a condition of SQL. It is the same for the words after a report as for the
// options -p, -c, --peer and so on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/base/value.h"
#include "query/filter/fields.h"

namespace ctrack::query::filter {

/// A condition on connection_facts or listener_facts. Its text is made of fixed pieces alone, so
/// that no text of a user becomes SQL.
struct Condition {
    std::string sql;               ///< has a # in place of each value
    std::vector<Value> values;     ///< are in the order of the #
    std::size_t tests;             ///< says of how many tests of one field it is made
    const Field* not_of_listeners; ///< is one that a listening socket does not have, or nullptr
};

/// The test of one field. `form` is SQL with {0} for the column, {1} for the column of the port
/// beside an address, and # for each value; if the field has two columns, either may match. The
/// test does not hold where the column is NULL.
Condition test(const Field& field, std::string_view form, std::vector<Value> values);

/// Puts conditions together: all of them must hold, or any of them, or the one must not hold.
Condition all_of(const std::vector<Condition>& parts);
Condition any_of(const std::vector<Condition>& parts);
Condition negation_of(Condition part);

/// The SQL, in which value n is read from temp.filter_values. The values must be put there, the
/// first one as n = 1.
std::string executable_sql(const Condition& condition);

} // namespace ctrack::query::filter
