// SPDX-License-Identifier: Apache-2.0
//
// Rows made in memory as SQLite stores them, in the pages of a database that it has attached:
// https://www.sqlite.org/fileformat2.html#b_tree_pages. INSERT INTO t SELECT * FROM it, whose
// columns are those of t, then copies whole rows, without a look at their values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "recorder/store/sqlite/encoded_row.h"

namespace ctrack {

class IncomingTable {
public:
    /// Attaches NAME.TABLE, empty and like the TABLE of the file, whose first column must
    /// be the id. It must outlive all use of the connection. From then on BEGIN IMMEDIATE
    /// fails, as that would write to what is attached too. Throws SQLite::Exception.
    IncomingTable(SQLite::Database& db, const std::string& name, const std::string& table);
    IncomingTable(const IncomingTable&) = delete;
    IncomingTable& operator=(const IncomingTable&) = delete;

    /// From here to show() the connection must not be used: what it reads may move.
    void clear();

    /// The row after the last one: its id is higher (std::logic_error), and NULL in the record.
    void add(std::int64_t id, const Record& record);

    /// SQLite sees them from now on, but not within a transaction that has read it before:
    /// std::logic_error.
    void show();

private:
    struct Child {
        std::uint32_t page;
        std::int64_t last_id;
    };

    char* page(std::uint32_t number);
    std::uint32_t add_page();
    void begin_leaf();
    void end_leaf();
    void make_root();
    void add_level();
    static void fill_parent(char* bytes, std::span<const Child> children);
    void stamp();
    void attach();

    SQLite::Database& db_;
    std::string name_;
    std::string empty_; ///< the pages of a database without rows
    std::string pages_;
    std::span<const char> attached_; ///< where SQLite looks for them
    std::uint32_t changes_ = 0;
    std::vector<Child> children_; ///< so far without parents: leaves, until all rows are there
    std::int64_t last_id_ = 0;
    std::uint32_t cells_ = 0;   ///< of the last leaf
    std::uint32_t content_ = 0; ///< where in it they begin
};

} // namespace ctrack
