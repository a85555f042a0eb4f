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
constexpr std::uint32_t cache_pages = 4; // SQLite reads each once

// Of the file's first page; 4 bytes each, as all numbers of pages.
constexpr std::size_t change_counter_at = 24;
constexpr std::size_t page_count_at = 28;
constexpr std::size_t cache_pages_at = 48;
constexpr std::size_t valid_for_at = 92; // the change that the page count is of

// Of a page of a table; 2 bytes each, as all numbers within one. After it where each cell is.
enum PageType : char { parent = 0x05, leaf = 0x0d };
constexpr std::uint32_t leaf_header_bytes = 8;
constexpr std::uint32_t parent_header_bytes = 12;
constexpr std::size_t cell_count_at = 3;
constexpr std::size_t content_at = 5;
constexpr std::size_t last_child_at = 8;
constexpr std::size_t most_child_bytes = 4 + 9;
constexpr std::size_t most_children =
    1 + (page_bytes - parent_header_bytes) / (2 + most_child_bytes);

constexpr std::size_t most_bytes_kept = 4 << 20; // of a storm's commit, not of a walk's

void put_16(char* to, std::size_t value) {
    const std::uint16_t big_endian = htobe16(static_cast<std::uint16_t>(value));
    std::memcpy(to, &big_endian, sizeof big_endian);
}

void put_32(char* to, std::size_t value) {
    const std::uint32_t big_endian = htobe32(static_cast<std::uint32_t>(value));
    std::memcpy(to, &big_endian, sizeof big_endian);
}

/// The file of an empty database with the same table, as SQLite makes it.
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
        pages_ = {};
    pages_ = empty_;
    children_.clear();
    content_ = cells_ = 0;
    last_id_ = std::numeric_limits<std::int64_t>::min();
}

char* IncomingTable::page(std::uint32_t number) {
    return pages_.data() + std::size_t{number - 1} * page_bytes;
}

std::uint32_t IncomingTable::add_page() {
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

void IncomingTable::add(std::int64_t id, const Record& record) {
    if (id <= last_id_)
        throw std::logic_error("rows not in the order of their ids");
    last_id_ = id;
    std::array<char, 18> head;
    char* end = put_varint(head.data(), record.size());
    end = put_varint(end, static_cast<std::uint64_t>(id));
    const auto head_bytes = static_cast<std::size_t>(end - head.data());
    if (content_ < leaf_header_bytes + 2 * (cells_ + 1) + head_bytes + record.size())
        begin_leaf();
    content_ -= static_cast<std::uint32_t>(head_bytes + record.size());
    char* bytes = page(children_.back().page);
    std::copy_n(head.data(), head_bytes, bytes + content_);
    record.copy_to(bytes + content_ + head_bytes);
    put_16(bytes + leaf_header_bytes + std::size_t{2} * cells_++, content_);
    children_.back().last_id = id;
}

// The highest page, which SQLite looks for in this place.
void IncomingTable::make_root() {
    if (children_.empty())
        return;
    while (children_.size() > 1)
        add_level();
    std::copy_n(page(children_[0].page), page_bytes, page(root_page));
    pages_.resize(pages_.size() - page_bytes); // the last one
}

// Pages that name those there are, each as many as the others, so that none has just one.
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

// Each child with its highest id, the last one without.
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

// As a program does that writes to a file: SQLite looks whether the counter has changed.
void IncomingTable::stamp() {
    ++changes_;
    put_32(page(1) + change_counter_at, changes_);
    put_32(page(1) + page_count_at, pages_.size() / page_bytes);
    put_32(page(1) + valid_for_at, changes_);
}

void IncomingTable::show() {
    if (sqlite3_txn_state(db_.getHandle(), name_.c_str()) != SQLITE_TXN_NONE)
        throw std::logic_error("the rows before are being read");
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
}

} // namespace ctrack
