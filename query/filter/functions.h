// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query::filter {

/// Adds the SQL functions that filters use and anybody's SQL may use:
///
///   in_network(address, network)   is 1 if the address belongs to the network, else 0,
///                                  and NULL if it is no address
///   is_utf8(text)                  is 1 if the text is valid UTF-8 without a zero byte, else 0
///   text REGEXP pattern            is 1 if the regular expression (RE2) is found, else 0
void add_functions(SQLite::Database& db);

} // namespace ctrack::query::filter
