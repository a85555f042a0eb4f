// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// Adds an aggregate to SQL, of the columns rtts, rtt_min_us and rtt_max_us of minutes:
///   distribution_of_buckets(RTTS, MIN, MAX)  a distribution (distribution.h) of all their samples,
///                                            each with the middle of its bucket, but the shortest
///                                            and the longest as they were
void add_bucket_counts(SQLite::Database& db);

} // namespace ctrack::query
