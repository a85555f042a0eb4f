// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <SQLiteCpp/Database.h>

#include "query/filter/condition.h"

namespace ctrack::query {

/// Makes what reports read, all of it TEMP: the tables of prelude.sql, and views of the rows of
/// all files. Those named chosen_* hold what is of the window and what the filter takes. Throws
/// UsageError if the filter is more than SQLite can read.
void make_views(SQLite::Database& db, const std::optional<filter::Condition>& filter,
                std::size_t files);

/// Narrows the views to the connections of the window that is in the table window. Until this is
/// called they hold all connections.
void find_connections(SQLite::Database& db, std::size_t files);

/// Narrows the views to the events and RTT samples of that window. Until this is called they hold
/// all of them.
void find_rows(SQLite::Database& db, std::size_t files);

} // namespace ctrack::query
