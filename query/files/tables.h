// SPDX-License-Identifier: Apache-2.0
//
// What the schema says of the tables of a file, so that code that copies rows need not know the
// tables by name.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

namespace ctrack::query {

struct Table {
    std::string name;
    std::vector<std::string> columns;
    std::vector<std::string> text_columns;
    std::set<std::string> keys;                 ///< are the columns of the primary key
    std::map<std::string, std::string> parents; ///< has the table to which a column refers
};

/// All tables of the file, in the order in which they were made.
std::vector<Table> tables_of(SQLite::Database& db);

} // namespace ctrack::query
