// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// Adds the SQL function now_in_boot(BOOT_ID, CLOCK_OFFSET_US): the present on the clock of a
/// recording that was begun in this boot, in microseconds; NULL if it was another boot or host.
void add_clock(SQLite::Database& db);

} // namespace ctrack::query
