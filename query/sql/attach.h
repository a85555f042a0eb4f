// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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

/// Adds the SQL functions file_of(ID), the number of the file that has the id, and id_in_file(ID),
/// the id in that file.
void add_id_functions(SQLite::Database& db);

/// The text of a query for one of the files, counted from 0. In the text {file} stands before the
/// names of that file's tables, {number} is the number of the file, and raised(COLUMN) is an id
/// that differs from those of other files.
std::string rows_of_file(std::string sql, std::size_t number);

/// The text of a query over all of the files, in which each file's tables are joined with each
/// other alone. So SQLite looks up ids in one file, and reads the columns that are asked for. In
/// the views that open_together makes it can do neither.
std::string rows_of_each_file(const std::string& sql, std::size_t files);

/// All columns of a table, as "raised(c.id) AS id, c.port" with prefix c, for the texts above.
std::string raised_columns(SQLite::Database& db, const std::string& table, std::string_view prefix);

} // namespace ctrack::query
