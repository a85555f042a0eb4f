// SPDX-License-Identifier: Apache-2.0
//
// Checks of a file against schema/schema.sql. Each gives one line for what is wrong.
#pragma once

#include <string>
#include <vector>

#include "query/sql/database.h"

namespace ctrack::query {

/// Each table, index or view of ctrack that is missing in the file, or is not as ctrack makes it.
/// Others in the file are the user's own, and are not looked at.
std::vector<std::string> schema_differences(Database& database);

/// Each CHECK that some rows of its table break, and each table with values of a wrong type. It is
/// needed because the integrity_check of SQLite does not look at CHECKs in a file that is opened
/// for reading.
std::vector<std::string> broken_constraints(Database& database);

} // namespace ctrack::query
