// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// Adds the SQL aggregate percentile(X, P), P from 0 to 100: the smallest of the values
/// of X, whole numbers, that P percent of them do not exceed (nearest rank), so always one
/// of them. NULLs do not count; without values it is NULL.
void add_percentile(SQLite::Database& db);

} // namespace ctrack::query
