// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// Of several files the ids of the n-th, counted from 0, are raised by n times this,
/// so that no two are the same. JSON keeps such numbers exactly (2^53).
inline constexpr std::int64_t ids_per_file = 100'000'000'000'000;

/// Opens ctrack files read-only. One is opened as it is. Of several, the others are
/// attached to the first, and TEMP views with the names of the file's tables and
/// views hold the rows of all of them; SQLite finds those first, so reports and
/// anybody's SQL see one file. Throws Error, also if there are more than SQLite
/// attaches.
SQLite::Database open_together(const std::vector<std::string>& paths);

/// Makes the view connection_facts; of several files also facts_of_each_file with the same rows.
/// That one is made of each file's own tables: half the work for what reads all rows, but no
/// good in a join, for which SQLite would multiply the files.
void make_connection_facts(SQLite::Database& db, std::size_t files);

} // namespace ctrack::query
