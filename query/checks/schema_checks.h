// SPDX-License-Identifier: Apache-2.0
//
// Checks of a file against schema/schema.sql. Each gives one line for what is wrong.
#pragma once

#include <string>
#include <vector>

#include "query/sql/database.h"

namespace ctrack::query {

/// What of the schema of a file is not as ctrack makes it, and what is there beside that.
struct SchemaCheck {
    std::vector<Row> findings; ///< are rows of status (wrong, note), finding and no times
    bool can_be_read = true;   ///< whether all tables have their columns
};

/// Opens the file for this alone. Nothing of it is run.
SchemaCheck check_schema(const std::string& path);

/// Each CHECK that some rows of its table break, and each table with values of a wrong type. It is
/// needed because the integrity_check of SQLite does not look at CHECKs in a file that is opened
/// for reading.
std::vector<std::string> broken_constraints(Database& database);

} // namespace ctrack::query
