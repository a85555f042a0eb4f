// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/sql/database.h"

namespace ctrack::query {

/// One line for each table that has values of another type than its columns say. SQLite allows them
/// in a plain file alone, so the tables of others are not read for this.
std::vector<std::string> wrong_types(Database& database);

} // namespace ctrack::query
