// SPDX-License-Identifier: Apache-2.0
#include "recorder/integer_table.h"

#include <cstring>
#include <new>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace ctrack {

namespace {

// SQLite knows its tables and cursors by these bases; ours follow them.
struct Table : sqlite3_vtab {
    const IntegerTable* rows;
};
struct Cursor : sqlite3_vtab_cursor {
    std::size_t row;
};

const IntegerTable& rows_of(sqlite3_vtab_cursor* cursor) {
    return *static_cast<Table*>(cursor->pVtab)->rows;
}

int connect(sqlite3* db, void* client, int, const char* const*, sqlite3_vtab** result, char**) {
    const auto* rows = static_cast<const IntegerTable*>(client);
    auto* table = new (std::nothrow) Table{};
    if (!table)
        return SQLITE_NOMEM;
    table->rows = rows;
    *result = table;
    return sqlite3_declare_vtab(db, rows->declaration().c_str());
}

int disconnect(sqlite3_vtab* table) {
    delete static_cast<Table*>(table);
    return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** result) {
    *result = new (std::nothrow) Cursor{};
    return *result ? SQLITE_OK : SQLITE_NOMEM;
}

int close(sqlite3_vtab_cursor* cursor) {
    delete static_cast<Cursor*>(cursor);
    return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; } // always a full scan

int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
    static_cast<Cursor*>(cursor)->row = 0;
    return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
    ++static_cast<Cursor*>(cursor)->row;
    return SQLITE_OK;
}

int at_end(sqlite3_vtab_cursor* cursor) {
    return static_cast<Cursor*>(cursor)->row >= rows_of(cursor).row_count();
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) {
    const auto value =
        rows_of(cursor).value(static_cast<Cursor*>(cursor)->row, static_cast<std::size_t>(column));
    sqlite3_result_int64(context, value);
    return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* result) {
    *result = static_cast<sqlite3_int64>(static_cast<Cursor*>(cursor)->row);
    return SQLITE_OK;
}

// Without xCreate the table is eponymous: it is there under the module's name.
constexpr sqlite3_module make_module() {
    sqlite3_module module{};
    module.xConnect = connect;
    module.xDisconnect = disconnect;
    module.xBestIndex = best_index;
    module.xOpen = open;
    module.xClose = close;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = at_end;
    module.xColumn = column;
    module.xRowid = rowid;
    return module;
}
constexpr sqlite3_module module = make_module();

} // namespace

IntegerTable::IntegerTable(sqlite3* db, const std::string& name, const std::string& columns)
    : declaration_(fmt::format("CREATE TABLE x({})", columns)) {
    if (sqlite3_create_module(db, name.c_str(), &module, this) != SQLITE_OK)
        throw SQLite::Exception(db);
}

std::int64_t IntegerTable::value(std::size_t row, std::size_t column) const {
    std::int64_t value = 0;
    std::memcpy(&value, bytes_.data() + row * row_bytes_ + column * sizeof value, sizeof value);
    return value;
}

} // namespace ctrack
