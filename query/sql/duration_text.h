// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// Adds duration_text(US) to SQL: a length of time as tables show it, 12.3ms, for sentences that
/// reports make. NULL stays NULL.
void add_duration_text(SQLite::Database& db);

} // namespace ctrack::query
