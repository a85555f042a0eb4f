// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "query/sql/database.h"

namespace ctrack::query {

/// One line for each CHECK that some rows of its table break. It is needed because the
/// integrity_check of SQLite does not look at CHECKs in a file that is opened for reading.
std::vector<std::string> broken_constraints(Database& database);

} // namespace ctrack::query
