// SPDX-License-Identifier: Apache-2.0
//
// A table that is made in memory, page by page, as SQLite would have it in a file.
//
// INSERT INTO t SELECT * FROM such a table copies whole records, where each value of
// any other row passes through SQLite's virtual machine by itself, several times. It pays
// for rows of many columns: each is looked for twice, where others are just appended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

#include "recorder/record.h"

namespace ctrack {

/// Address space; what was never written to takes no memory.
class Reserved {
public:
    explicit Reserved(std::size_t bytes);
    ~Reserved();
    Reserved(const Reserved&) = delete;
    Reserved& operator=(const Reserved&) = delete;

    std::uint8_t* data() const { return data_; }
    void give_back_from(std::size_t offset);

private:
    std::uint8_t* data_;
    std::size_t bytes_;
};

class TableImage {
public:
    /// Attaches a database "batch" with a table like this one of the file. Not within a
    /// transaction; must outlive all others. Throws SQLite::Exception.
    TableImage(SQLite::Database& db, const std::string& table);

    /// What is added from now on, in the order of the ids, is all that the table has. Once in
    /// a transaction, before it is read: until its end SQLite keeps the pages it has read.
    void begin();
    void add(std::int64_t id, Record& record);
    void end();

    /// It has been read: what a burst took goes back.
    void reduce_memory();

private:
    struct Leaf {
        std::uint32_t page;
        std::int64_t last_id;
    };

    void copy(SQLite::Database empty);
    std::uint8_t* page(std::uint32_t number) const;
    void begin_leaf();
    void end_leaf();
    void put_above_leaves(std::uint8_t* root) const;

    Reserved memory_;
    std::uint32_t root_ = 0;              ///< page of the table
    std::uint32_t described_ = 0;         ///< pages before its leaves
    std::uint32_t used_ = 0;              ///< pages
    std::uint32_t changes_ = 1;           ///< shows SQLite that pages it knows are outdated
    std::vector<Leaf> leaves_;            ///< that are full
    std::uint8_t* leaf_ = nullptr;        ///< the one that is being filled
    std::size_t cells_ = 0, content_ = 0; ///< of it
    std::int64_t last_id_ = 0;
};

} // namespace ctrack
