// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/sql/database.h"

namespace ctrack::query {

/// Rows that a CHECK of their table forbids, one line for each CHECK. SQLite's own
/// integrity_check does not look at these in a file opened for reading.
std::vector<std::string> broken_constraints(Database& database);

} // namespace ctrack::query
