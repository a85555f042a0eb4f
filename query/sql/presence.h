// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// Adds the SQL functions
///   now_in_boot(BOOT_ID, CLOCK_OFFSET_US): the present on the clock of a recording that was begun
///     in this boot, in microseconds; NULL if it was another boot or host
///   is_logged(SCHEMA): whether the file of this name in the connection has a log beside it, as
///     each file has that a recorder writes
void add_presence(SQLite::Database& db);

} // namespace ctrack::query
