// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sqlite/incoming_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include <endian.h>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace ctrack {

namespace {

constexpr std::uint32_t page_bytes = 32768;
constexpr std::uint32_t root_page = 2;
constexpr std::uint32_t cache_pages = 4; // few are enough, as SQLite reads each page once

// Offsets in the first page of the file, whose numbers have 4 bytes, as have all page numbers.
constexpr std::size_t change_counter_at = 24;
constexpr std::size_t page_count_at = 28;
constexpr std::size_t cache_pages_at = 48;
constexpr std::size_t valid_for_at = 92; // the change counter when the page count was written

// Offsets in the header of a page of a table, whose numbers have 2 bytes, as have all offsets
// within a page. After the header comes an array with the offset of each cell.
enum PageType : char { parent = 0x05, leaf = 0x0d };
constexpr std::uint32_t leaf_header_bytes = 8;
constexpr std::uint32_t parent_header_bytes = 12;
constexpr std::size_t cell_count_at = 3;
constexpr std::size_t content_at = 5;
constexpr std::size_t last_child_at = 8;
constexpr std::size_t most_child_bytes = 4 + 9;
constexpr std::size_t most_children =
    1 + (page_bytes - parent_header_bytes) / (2 + most_child_bytes);

// Memory up to this size is kept for the next time. A commit of a storm stays below it; a commit
// after a walk over very many connections does not, and its memory is given back.
constexpr std::size_t most_bytes_kept = 4 << 20;

void put_16(char* to, std::size_t value) {
    const std::uint16_t big_endian = htobe16(static_cast<std::uint16_t>(value));
    std::memcpy(to, &big_endian, sizeof big_endian);
}

void put_32(char* to, std::size_t value) {
    const std::uint32_t big_endian = htobe32(static_cast<std::uint32_t>(value));
    std::memcpy(to, &big_endian, sizeof big_endian);
}

// Lets SQLite make the file of an empty database with the same table.
std::string empty_like(SQLite::Database& db, const std::string& table) {
    SQLite::Statement ddl(db, "SELECT sql FROM main.sqlite_schema WHERE name = ?");
    ddl.bind(1, table);
    if (!ddl.executeStep())
        throw SQLite::Exception("no such table: " + table);
    SQLite::Database memory(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    memory.exec(fmt::format("PRAGMA page_size = {}; PRAGMA auto_vacuum = NONE", page_bytes));
    memory.exec(ddl.getColumn(0).getString());
    sqlite3_int64 bytes = 0;
    const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> image(
        sqlite3_serialize(memory.getHandle(), "main", &bytes, 0), sqlite3_free);
    if (!image || bytes != root_page * page_bytes)
        throw SQLite::Exception("cannot make a table like " + table);
    return {reinterpret_cast<const char*>(image.get()), static_cast<std::size_t>(bytes)};
}

} // namespace

IncomingTable::IncomingTable(SQLite::Database& db, const std::string& name,
                             const std::string& table)
    : db_(db), name_(name), empty_(empty_like(db, table)) {
    put_32(empty_.data() + cache_pages_at, cache_pages);
    db.exec("ATTACH ':memory:' AS " + name);
    clear();
    show();
}

void IncomingTable::clear() {
    if (pages_.capacity() > most_bytes_kept)
        move_to(std::string());
    reserve(empty_.size());
    pages_ = empty_;
    children_.clear();
    content_ = cells_ = 0;
    last_id_ = std::numeric_limits<std::int64_t>::min();
}

char* IncomingTable::page(std::uint32_t number) {
    return pages_.data() + std::size_t{number - 1} * page_bytes;
}

void IncomingTable::reserve(std::size_t bytes) {
    if (bytes <= pages_.capacity())
        return;
    std::string larger;
    larger.reserve(std::max(bytes, 2 * pages_.capacity()));
    larger = pages_;
    move_to(std::move(larger));
}

// SQLite may read what it has attached until show() attaches something else: SQLite 3.46 reads
// the schema in the old memory while it attaches the new one.
void IncomingTable::move_to(std::string&& memory) {
    std::string left = std::exchange(pages_, std::move(memory));
    if (left.data() == attached_.data())
        still_attached_ = std::move(left);
}

std::uint32_t IncomingTable::add_page() {
    reserve(pages_.size() + page_bytes);
    pages_.resize(pages_.size() + page_bytes);
    return static_cast<std::uint32_t>(pages_.size() / page_bytes);
}

void IncomingTable::begin_leaf() {
    end_leaf();
    children_.push_back({add_page(), 0});
    cells_ = 0;
    content_ = page_bytes;
}

void IncomingTable::end_leaf() {
    if (children_.empty())
        return;
    char* bytes = page(children_.back().page);
    bytes[0] = leaf;
    put_16(bytes + cell_count_at, cells_);
    put_16(bytes + content_at, content_);
}

void IncomingTable::add(std::int64_t id, const EncodedRow& row) {
    if (id <= last_id_)
        throw std::logic_error("rows not in the order of their ids");
    last_id_ = id;
    std::array<char, 18> head;
    char* end = put_varint(head.data(), row.size());
    end = put_varint(end, static_cast<std::uint64_t>(id));
    const auto head_bytes = static_cast<std::size_t>(end - head.data());
    if (content_ < leaf_header_bytes + 2 * (cells_ + 1) + head_bytes + row.size())
        begin_leaf();
    content_ -= static_cast<std::uint32_t>(head_bytes + row.size());
    char* bytes = page(children_.back().page);
    std::copy_n(head.data(), head_bytes, bytes + content_);
    row.copy_to(bytes + content_ + head_bytes);
    put_16(bytes + leaf_header_bytes + std::size_t{2} * cells_++, content_);
    children_.back().last_id = id;
}

// Adds levels of parents until one page is left, and puts it where SQLite looks for the root.
void IncomingTable::make_root() {
    if (children_.empty())
        return;
    while (children_.size() > 1)
        add_level();
    std::copy_n(page(children_[0].page), page_bytes, page(root_page));
    pages_.resize(pages_.size() - page_bytes); // the page that was copied is the last one
}

// Adds parents of the pages that have none yet. Children are spread evenly over the parents, so
// that no parent has only one child.
void IncomingTable::add_level() {
    const std::size_t parents = (children_.size() + most_children - 1) / most_children;
    std::vector<Child> level;
    for (std::size_t i = 0; i < parents; ++i) {
        const std::size_t begin = children_.size() * i / parents;
        const std::size_t end = children_.size() * (i + 1) / parents;
        level.push_back({add_page(), children_[end - 1].last_id});
        fill_parent(page(level.back().page), std::span(children_).subspan(begin, end - begin));
    }
    children_ = std::move(level);
}

// Lists each child with its highest id, except the last child, which needs none.
void IncomingTable::fill_parent(char* bytes, std::span<const Child> children) {
    std::uint32_t content = page_bytes;
    for (std::size_t i = 0; i + 1 < children.size(); ++i) {
        std::array<char, most_child_bytes> cell;
        put_32(cell.data(), children[i].page);
        const char* const end =
            put_varint(cell.data() + 4, static_cast<std::uint64_t>(children[i].last_id));
        content -= static_cast<std::uint32_t>(end - cell.data());
        std::copy_n(cell.data(), end - cell.data(), bytes + content);
        put_16(bytes + parent_header_bytes + 2 * i, content);
    }
    bytes[0] = parent;
    put_16(bytes + cell_count_at, children.size() - 1);
    put_16(bytes + content_at, content);
    put_32(bytes + last_child_at, children.back().page);
}

// Changes the change counter, as every program does that writes to a database file, so that SQLite
// sees that what it has cached is outdated.
void IncomingTable::stamp() {
    ++changes_;
    put_32(page(1) + change_counter_at, changes_);
    put_32(page(1) + page_count_at, pages_.size() / page_bytes);
    put_32(page(1) + valid_for_at, changes_);
}

void IncomingTable::show() {
    if (sqlite3_txn_state(db_.getHandle(), name_.c_str()) != SQLITE_TXN_NONE)
        throw std::logic_error("the rows shown before are still being read");
    end_leaf();
    make_root();
    stamp();
    attach();
}

void IncomingTable::attach() {
    const std::span<char> memory(pages_.data(), pages_.capacity());
    if (memory.data() == attached_.data() && memory.size() == attached_.size())
        return;
    const auto bytes = static_cast<sqlite3_int64>(memory.size());
    if (sqlite3_deserialize(db_.getHandle(), name_.c_str(),
                            reinterpret_cast<unsigned char*>(memory.data()), bytes, bytes,
                            SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        throw SQLite::Exception(db_.getHandle());
    attached_ = memory;
    still_attached_ = std::string();
}

} // namespace ctrack
