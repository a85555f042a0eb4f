// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::schema {

/// Makes a file of an older version look like the newest to whoever reads it: TEMP views
/// and tables stand before those that lack a column, or are not there. The file itself is
/// not touched. Sums that later versions keep are made of its connections.
void show_as_newest(SQLite::Database& db, int version);

} // namespace ctrack::schema
