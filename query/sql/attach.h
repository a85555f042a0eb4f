// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

/// If several files are read, the ids of file n, counted from 0, are raised by n times this number,
/// so that no two rows have the same id. JSON keeps such numbers exactly, because they are below
/// 2^53.
inline constexpr std::int64_t ids_per_file = 100'000'000'000'000;

struct OpenedFiles {
    SQLite::Database db;
    std::set<std::string> widened; ///< tables of the first file that have columns of a user's own
};

/// Opens ctrack files read-only. If there are several, the others are attached to the first one.
/// Throws Error, also if the tables of a file are not those of ctrack, or if there are more files
/// than SQLite attaches.
OpenedFiles open_together(const std::vector<std::string>& paths);

/// What the connection calls the file of that number, counted from 0.
std::string schema_name(std::size_t number);

/// The views of schema.sql by their names, as texts for rows_of_each_file. They are made as TEMP
/// views, which SQLite finds before those of a file: what a file has under such a name may be
/// somebody else's.
std::map<std::string, std::string> our_views();

/// A table as such a text, without the columns of a user's own, whose names may be those of columns
/// that a report takes from another table.
std::string our_columns_of(const std::string& table);

/// For each of our tables and views, what a view of that name must be so that it holds the rows of
/// all files: a text for rows_of_each_file. SQLite finds TEMP views before tables, so reports and a
/// user's own SQL see one file.
std::map<std::string, std::string> united_tables();

/// The same for the other tables and views of the first file. Only a user's own SQL may read these.
std::map<std::string, std::string> united_tables_of_users(SQLite::Database& db);

/// Adds the SQL functions file_of(ID), the number of the file that has the id, and id_in_file(ID),
/// the id in that file.
void add_id_functions(SQLite::Database& db);

/// The text of a query for one of the files, counted from 0. In the text {file} stands before the
/// names of that file's tables, or of our views of them; {number} is the number of the file, and
/// raised(COLUMN) is an id that differs from those of other files.
std::string rows_of_file(std::string sql, std::size_t number);

/// The text of a query over all of the files, in which each file's tables are joined with each
/// other alone. So SQLite looks up ids in one file, and reads the columns that are asked for. In
/// the views of united_tables it can do neither. In the text {columns:TABLE} stands for all columns
/// of a table that is called c.
std::string rows_of_each_file(SQLite::Database& db, const std::string& sql, std::size_t files);

} // namespace ctrack::query
