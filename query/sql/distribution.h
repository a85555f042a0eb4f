// SPDX-License-Identifier: Apache-2.0
//
// How often each of many whole numbers came, as one value of SQL. Where a report wants several
// percentiles, an average and more of the same numbers, each is counted only once.
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// Adds to SQL
///   distribution(X)           aggregate: of the numbers X, or of several distributions put
///                             together; NULLs do not count; without any it is NULL
///   percentile_of(D, P)       as percentile(X, P); the least with P = 0, the longest with 100
///   average_of(D)
///   count_of(D)               how many; 0 of NULL
///   count_of(D, FROM, TO)     how many from FROM to TO
/// A distribution is good within one statement or TEMP table, and in no file.
void add_distribution(SQLite::Database& db);

} // namespace ctrack::query
