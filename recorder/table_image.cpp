// SPDX-License-Identifier: Apache-2.0
#include "recorder/table_image.h"

#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>
#include <sys/mman.h>

namespace ctrack {

namespace {

constexpr std::size_t page_bytes = 65'536;
constexpr std::size_t max_pages = 8192;
constexpr std::size_t max_leaves = 4096;    // what a root has room for: 15 bytes each
constexpr std::size_t kept_bytes = 4 << 20; // of memory; a storm's commit takes 3 MiB

constexpr std::uint8_t interior = 5, leaf = 13;
constexpr std::size_t interior_header = 12, leaf_header = 8;
constexpr std::size_t max_varint = 9, max_lengths = 2 * max_varint;
constexpr std::size_t pointer_bytes = 2;

// Places in the header of a file.
constexpr std::size_t change_counter = 24, page_count = 28, valid_for = 92;

void put(std::uint8_t* at, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
        at[i] = static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
}

// An offset of 65,536 is written as 0.
void put_header(std::uint8_t* page, std::uint8_t kind, std::size_t cells, std::size_t content) {
    page[0] = kind;
    put(page + 1, 0, 2);
    put(page + 3, cells, 2);
    put(page + 5, content, 2);
    page[7] = 0;
}

// SQLite's varint of a number of at most 56 bits. Gives its length.
std::size_t put_varint(std::uint8_t* at, std::uint64_t value) {
    std::size_t bytes = 1;
    while (value >> (7 * bytes))
        ++bytes;
    for (std::size_t i = 0; i < bytes; ++i)
        at[i] = static_cast<std::uint8_t>((value >> (7 * (bytes - 1 - i)) & 0x7f) | 0x80);
    at[bytes - 1] &= 0x7f;
    return bytes;
}

// An empty file with the same table.
SQLite::Database like(SQLite::Database& db, const std::string& table) {
    SQLite::Database empty(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    empty.exec("PRAGMA auto_vacuum = NONE");
    empty.exec("PRAGMA page_size = " + std::to_string(page_bytes));
    SQLite::Statement ddl(db, "SELECT sql FROM main.sqlite_schema WHERE name = ?");
    ddl.bind(1, table);
    ddl.executeStep();
    empty.exec(ddl.getColumn(0).getString());
    return empty;
}

} // namespace

Reserved::Reserved(std::size_t bytes) : bytes_(bytes) {
    void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED)
        throw std::bad_alloc();
    data_ = static_cast<std::uint8_t*>(data);
}

Reserved::~Reserved() { munmap(data_, bytes_); }

void Reserved::give_back_from(std::size_t offset) {
    madvise(data_ + offset, bytes_ - offset, MADV_DONTNEED);
}

TableImage::TableImage(SQLite::Database& db, const std::string& table)
    : memory_(max_pages * page_bytes) {
    copy(like(db, table));
    db.exec("ATTACH ':memory:' AS batch");
    constexpr auto size = static_cast<sqlite3_int64>(max_pages * page_bytes);
    if (sqlite3_deserialize(db.getHandle(), "batch", memory_.data(), size, size, 0) != SQLITE_OK)
        throw SQLite::Exception(db.getHandle());
    db.exec("PRAGMA batch.cache_size = -256"); // each page is read once
}

void TableImage::copy(SQLite::Database empty) {
    root_ = empty.execAndGet("SELECT rootpage FROM sqlite_schema WHERE type = 'table'").getUInt();
    sqlite3_int64 bytes = 0;
    const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> file(
        sqlite3_serialize(empty.getHandle(), "main", &bytes, 0), sqlite3_free);
    if (!file)
        throw std::bad_alloc();
    std::memcpy(memory_.data(), file.get(), static_cast<std::size_t>(bytes));
    put(memory_.data() + page_count, max_pages, 4);
    described_ = static_cast<std::uint32_t>(static_cast<std::size_t>(bytes) / page_bytes);
}

void TableImage::begin() {
    used_ = described_;
    put(memory_.data() + change_counter, ++changes_, 4);
    put(memory_.data() + valid_for, changes_, 4);
    leaves_.clear();
    begin_leaf();
}

void TableImage::reduce_memory() {
    if (used_ * page_bytes > kept_bytes)
        memory_.give_back_from(kept_bytes);
}

std::uint8_t* TableImage::page(std::uint32_t number) const {
    return memory_.data() + (number - 1) * page_bytes;
}

void TableImage::begin_leaf() {
    if (used_ == max_pages || leaves_.size() == max_leaves)
        throw std::length_error("a batch has more than 256 MiB of rows");
    leaf_ = page(++used_);
    cells_ = 0;
    content_ = page_bytes;
}

// Of a page the pointers are at the beginning, the cells at the end.
void TableImage::add(std::int64_t id, Record& record) {
    const auto header = record.header();
    const auto body = record.body();
    const std::size_t payload = header.size() + body.size();
    if (leaf_header + pointer_bytes * (cells_ + 1) + max_lengths + payload > content_) {
        end_leaf();
        begin_leaf();
    }
    std::uint8_t lengths[max_lengths];
    std::size_t bytes = put_varint(lengths, payload);
    bytes += put_varint(lengths + bytes, static_cast<std::uint64_t>(id));
    content_ -= bytes + payload;
    std::uint8_t* const cell = leaf_ + content_;
    std::memcpy(cell, lengths, bytes);
    std::memcpy(cell + bytes, header.data(), header.size());
    std::memcpy(cell + bytes + header.size(), body.data(), body.size());
    put(leaf_ + leaf_header + pointer_bytes * cells_++, content_, pointer_bytes);
    last_id_ = id;
}

void TableImage::end_leaf() {
    put_header(leaf_, leaf, cells_, content_);
    leaves_.push_back({used_, last_id_});
}

void TableImage::end() {
    end_leaf();
    std::uint8_t* const root = page(root_);
    if (leaves_.size() > 1)
        return put_above_leaves(root);
    std::memcpy(root, leaf_, leaf_header + pointer_bytes * cells_);
    std::memcpy(root + content_, leaf_ + content_, page_bytes - content_);
}

// The last leaf is to the right of all ids.
void TableImage::put_above_leaves(std::uint8_t* root) const {
    std::size_t content = page_bytes, cells = 0;
    for (const Leaf& child : std::span(leaves_).first(leaves_.size() - 1)) {
        std::uint8_t id[max_varint];
        const std::size_t bytes = put_varint(id, static_cast<std::uint64_t>(child.last_id));
        content -= 4 + bytes;
        put(root + content, child.page, 4);
        std::memcpy(root + content + 4, id, bytes);
        put(root + interior_header + pointer_bytes * cells++, content, pointer_bytes);
    }
    put_header(root, interior, cells, content);
    put(root + leaf_header, leaves_.back().page, 4);
}

} // namespace ctrack
