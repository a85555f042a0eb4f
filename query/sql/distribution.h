// SPDX-License-Identifier: Apache-2.0
//
// A distribution says how often each of many whole numbers occurs, as one value of SQL. A report
// that wants several percentiles, an average and more of the same numbers counts them only once.
#pragma once

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// Adds these functions to SQL:
///   percentile(X, P)          aggregate: the smallest of the whole numbers X that P percent of
///                             them do not exceed (nearest rank), so always one of them; P is a
///                             number from 0 to 100
///   distribution(X)           aggregate: how often each number X came; X may also be a
///                             distribution, and several of them are then put together
///   percentile_of(D, P)       what percentile(X, P) gives; P = 0 is the least, 100 the greatest
///   average_of(D)             the average of all numbers
///   count_of(D)               how many numbers there are; 0 where D is NULL
///   count_of(D, FROM, TO)     how many of them lie from FROM to TO, both included
/// An aggregate does not count NULLs, and gives NULL where it counted nothing. A distribution is
/// an opaque value for use within one statement or TEMP table: its bytes may change with the
/// program, so no file keeps one.
void add_distribution(SQLite::Database& db);

} // namespace ctrack::query
