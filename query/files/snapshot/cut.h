// SPDX-License-Identifier: Apache-2.0
//
// Copies a part of a file into a new one, ids kept. What goes is decided for each table
// by query/snapshot/TABLE.sql, a SELECT of whole rows; what connections go, by the view
// chosen_connections alone. Of the owners go those that a copied row refers to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "query/files/table_writer.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// The tables there is a rule for: all of the newest schema (a unit test looks).
std::vector<std::string> tables_with_rules();

/// `change`, if any, sees each row before it is written.
void cut(Database& source, const Window& window, bool is_filtered, RowStep* change,
         SQLite::Database& target);

} // namespace ctrack::query
