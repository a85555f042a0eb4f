// SPDX-License-Identifier: Apache-2.0
//
// What the schema says of the tables of a file, so that what copies rows knows none by
// heart.
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
    std::set<std::string> keys;                 ///< the columns of the primary key
    std::map<std::string, std::string> parents; ///< by column: the table it refers to
};

/// All of them, in the order they were made.
std::vector<Table> tables_of(SQLite::Database& db);

} // namespace ctrack::query
