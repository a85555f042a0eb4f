// SPDX-License-Identifier: Apache-2.0
//
// The tables, indexes and views of a ctrack file as schema.sql makes them, and what of a file is
// not so. A file may come from a stranger: what it calls connections may be a view that never
// ends. So a file is compared before anything of it is read but its header.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/Database.h>

namespace ctrack::schema {

struct Column {
    std::string_view name, type;
    int key_place; ///< 1, 2, ... in the primary key; 0: not in it
};

struct Object {
    std::string_view kind; ///< table, index or view
    std::string_view name;
    std::string_view sql; ///< the CREATE statement as SQLite keeps it
    std::span<const Column> columns;
};

/// What a file of the newest version holds. It is worked out when ctrack is built.
std::span<const Object> our_objects();

/// Finds one of them; nullptr if there is none.
const Object* find_object(std::string_view kind, std::string_view name);

/// What is not as it should be: an object such as "table connections", or a column such as "column
/// connections.port".
struct Difference {
    enum Kind {
        missing, ///< one of ours is not there
        changed, ///< one of ours is otherwise
        foreign  ///< it is not one of ours: of a user's own, or of somebody's with bad intentions
    };
    Kind kind;
    std::string what;
    bool prevents_reading = false; ///< our SQL would not find what it asks for
    std::string table = {};        ///< of a column: where it is
};

/// As "is not there".
const char* said_of(Difference::Kind kind);

/// Compares a file with what ctrack makes. Nothing of the file is run. `name` is what the
/// connection calls it.
std::vector<Difference> differences(SQLite::Database& db, const std::string& name = "main");

/// Throws Error, one line, if a difference prevents reading: a table is not there or has not the
/// columns that it has in each ctrack file, or something stands in the place of SQLite's own.
/// Returns the differences that are left.
std::vector<Difference> require_our_tables(SQLite::Database& db, const std::string& path,
                                           const std::string& name = "main");

} // namespace ctrack::schema
