// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query::filter {

/// Adds the SQL functions that filters use and anybody's SQL may use:
///
///   in_network(address, network)   1 if the address is of the network, else 0;
///                                  NULL for what is no address
///   text REGEXP pattern            1 if the regular expression (RE2) is found
void add_functions(SQLite::Database& db);

} // namespace ctrack::query::filter
