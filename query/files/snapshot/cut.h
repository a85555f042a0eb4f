// SPDX-License-Identifier: Apache-2.0
//
// Copies a part of a file into a new one, and keeps its ids. query/sql/snapshot_rows.sql decides
// which rows of each table are copied. Connections are chosen by the view chosen_connections alone,
// and owners are copied if a copied row refers to them.
#pragma once

#include <SQLiteCpp/Database.h>

#include "query/files/table_writer.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// Copies the window. If there is a `change`, it sees each row before the row is written.
void cut(Database& source, const Window& window, bool is_filtered, RowStep* change,
         SQLite::Database& target);

} // namespace ctrack::query
