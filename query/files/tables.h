// SPDX-License-Identifier: Apache-2.0
//
// What the schema says of the tables of a file, so that code that copies rows need not know the
// tables by name.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

struct Table {
    std::string name;
    std::vector<std::string> columns;
    std::vector<std::string> text_columns;
    std::set<std::string> keys; ///< are the columns of the primary key
};

/// All tables of the file, in the order in which they were made.
std::vector<Table> tables_of(SQLite::Database& db);

/// The statement for a table in query/sql/NAME.sql, which begins with "-- TABLE: ". In it * stands
/// for the columns of the table, so that columns of a user's own in the file that is read are left
/// out. Throws std::logic_error for a table without a statement; a unit test asks for all of them.
std::string rows_sql(const char* name, const Table& table);

} // namespace ctrack::query
