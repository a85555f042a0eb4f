// SPDX-License-Identifier: Apache-2.0
//
// Copies a part of a file into a new one, and keeps its ids. For each table snapshot/TABLE.sql, a
// SELECT of whole rows, decides which rows are copied. Connections are chosen by the view
// chosen_connections alone, and owners are copied if a copied row refers to them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "query/files/table_writer.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// The tables for which there is a rule. A unit test sees that these are all tables of the schema.
std::vector<std::string> tables_with_rules();

/// Copies the window. If there is a `change`, it sees each row before the row is written.
void cut(Database& source, const Window& window, bool is_filtered, RowStep* change,
         SQLite::Database& target);

} // namespace ctrack::query
