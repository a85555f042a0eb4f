// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sqlite/integer_table.h"

#include <cstring>
#include <new>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>

namespace ctrack {

// SQLite handles tables and cursors by pointers to these base structures; our fields follow.
struct IntegerTable::Table : sqlite3_vtab {
    const IntegerTable* rows;
};

struct IntegerTable::Cursor : sqlite3_vtab_cursor {
    std::size_t row;

    static Cursor& at(sqlite3_vtab_cursor* cursor) { return *static_cast<Cursor*>(cursor); }
    static const IntegerTable& rows_of(const sqlite3_vtab_cursor* cursor) {
        return *static_cast<const Table*>(cursor->pVtab)->rows;
    }
};

IntegerTable::IntegerTable(sqlite3* db, const std::string& name, const std::string& columns)
    : name_(name), columns_(columns), declaration_("CREATE TABLE x(" + columns + ")") {
    static const sqlite3_module module = make_module();
    if (sqlite3_create_module(db, name.c_str(), &module, this) != SQLITE_OK)
        throw SQLite::Exception(db);
}

std::string IntegerTable::insert_into(const std::string& table) const {
    return fmt::format("INSERT INTO {0} (id, {1}) SELECT NULL, {1} FROM {2}", table, columns_,
                       name_);
}

std::int64_t IntegerTable::value_at(std::size_t row, int column) const {
    std::int64_t value = 0;
    const auto offset = row * row_bytes_ + static_cast<std::size_t>(column) * sizeof value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
}

// A module without xCreate has one table, which exists under the name of the module.
sqlite3_module IntegerTable::make_module() {
    sqlite3_module module{};
    module.xConnect = [](sqlite3* db, void* client, int, const char* const*, sqlite3_vtab** result,
                         char**) {
        auto* table = new (std::nothrow) Table{};
        if (!table)
            return SQLITE_NOMEM;
        table->rows = static_cast<const IntegerTable*>(client);
        *result = table;
        return sqlite3_declare_vtab(db, table->rows->declaration_.c_str());
    };
    module.xDisconnect = [](sqlite3_vtab* table) {
        delete static_cast<Table*>(table);
        return SQLITE_OK;
    };
    module.xOpen = [](sqlite3_vtab*, sqlite3_vtab_cursor** result) {
        *result = new (std::nothrow) Cursor{};
        return *result ? SQLITE_OK : SQLITE_NOMEM;
    };
    module.xClose = [](sqlite3_vtab_cursor* cursor) {
        delete static_cast<Cursor*>(cursor);
        return SQLITE_OK;
    };
    module.xBestIndex = [](sqlite3_vtab*, sqlite3_index_info*) {
        return SQLITE_OK; // always a full scan
    };
    module.xFilter = [](sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
        Cursor::at(cursor).row = 0;
        return SQLITE_OK;
    };
    module.xNext = [](sqlite3_vtab_cursor* cursor) {
        ++Cursor::at(cursor).row;
        return SQLITE_OK;
    };
    module.xEof = [](sqlite3_vtab_cursor* cursor) -> int {
        return Cursor::at(cursor).row >= Cursor::rows_of(cursor).row_count();
    };
    module.xColumn = [](sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) {
        const auto& rows = Cursor::rows_of(cursor);
        sqlite3_result_int64(context, rows.value_at(Cursor::at(cursor).row, column));
        return SQLITE_OK;
    };
    module.xRowid = [](sqlite3_vtab_cursor* cursor, sqlite3_int64* result) {
        *result = static_cast<sqlite3_int64>(Cursor::at(cursor).row);
        return SQLITE_OK;
    };
    return module;
}

} // namespace ctrack
