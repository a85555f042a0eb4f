// SPDX-License-Identifier: Apache-2.0
//
// A shortcut into SQLite for rows of many columns. Rows are encoded in memory as SQLite stores
// them (encoded_row.h), and put into pages of a table as SQLite lays them out
// (https://www.sqlite.org/fileformat2.html#b_tree_pages). SQLite attaches these pages as a
// database of its own, and INSERT INTO t SELECT * FROM that database copies each row whole,
// without a look at its values, since both tables are declared alike.
//
// What it gains: a row of connections has over 30 columns. Bound and stepped in the usual way, each
// value passes through about a dozen of SQLite's instructions. Writing a new connection, its
// sums and times included, takes 0.44 us with this class and 0.95 us without; the recorder then
// takes 5.9 us instead of 6.9 us of CPU for each connection of a storm (medians of 8 runs of 8 s
// in alternation). For rows of few columns it is a loss (190 ns instead of 140 ns), because SQLite
// looks up each id before it inserts a copied row: these take the way of integer_table.h.
//
// What it costs: the file format is written a second time, in this file and in encoded_row.h.
// That is safe as far as the format is concerned, which SQLite promises to keep; the tests
// compare both ways byte for byte. And BEGIN IMMEDIATE no longer works, because it would begin
// to write to the attached database too; the writer begins its transactions by a statement that
// changes nothing instead.
//
// The fence: only store/rows/connection_rows.* uses this class and EncodedRow. How to remove it,
// if the gain is one day not worth it:
//   1. ConnectionRows::write() binds the columns of each row to one prepared
//      REPLACE INTO connections (...) VALUES (?, ...): its function encode() binds instead.
//   2. IncomingTable and EncodedRow go, with incoming_table_test.cpp.
//   3. The writer begins a transaction by BEGIN IMMEDIATE.
//   4. `scripts/bench write-path storm` says what it costs.
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
    /// Attaches a database of this name, in which a table has the name and the declaration of a
    /// table of the file, and no rows. The first column of the table must be its id. The object
    /// must live as long as the connection is used. Throws SQLite::Exception.
    IncomingTable(SQLite::Database& db, const std::string& name, const std::string& table);
    IncomingTable(const IncomingTable&) = delete;
    IncomingTable& operator=(const IncomingTable&) = delete;

    /// Removes all rows. The connection must not be used from here to show(), because it may
    /// read the pages while they are being written.
    void clear();

    /// Adds a row whose id is higher than that of the row before; otherwise it throws
    /// std::logic_error. The encoded row has NULL in the place of the id, as SQLite wants it.
    void add(std::int64_t id, const EncodedRow& row);

    /// Makes the rows visible to SQLite. Throws std::logic_error within a transaction that has
    /// already read the table, because SQLite would mix old and new pages.
    void show();

private:
    struct Child {
        std::uint32_t page;
        std::int64_t last_id;
    };

    void reserve(std::size_t bytes);
    void move_to(std::string&& memory);
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
    std::string empty_;              ///< the pages of a database whose table has no rows
    std::string pages_;              ///< the pages of the database with the rows
    std::span<const char> attached_; ///< the memory that SQLite reads the pages from
    std::string still_attached_; ///< keeps that memory alive after pages_ has moved to a larger one
    std::uint32_t changes_ = 0;  ///< how often show() was called; SQLite's change counter
    std::vector<Child> children_; ///< pages without a parent: all leaves, until show() adds parents
    std::int64_t last_id_ = 0;
    std::uint32_t cells_ = 0;   ///< how many rows the last leaf has
    std::uint32_t content_ = 0; ///< the offset of its first byte that is used by a row
};

} // namespace ctrack
