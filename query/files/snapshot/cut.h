// SPDX-License-Identifier: Apache-2.0
//
// Copies a part of a file into a new one, and keeps its ids. query/sql/snapshot_rows.sql decides
// which rows of each table are copied. Connections are chosen by the view chosen_connections alone,
// and owners are copied if a copied row refers to them.
#pragma once

#include <SQLiteCpp/Database.h>

#include "query/files/anonymize/anonymizer.h"
#include "query/sql/database.h"

namespace ctrack::query {

/// Copies the window. If there is an `anonymizer`, it changes each row.
void cut(Database& source, const Window& window, bool is_filtered,
         anonymize::Anonymizer* anonymizer, SQLite::Database& target);

} // namespace ctrack::query
