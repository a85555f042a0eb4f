// SPDX-License-Identifier: Apache-2.0
#include "query/database.h"

#include <span>
#include <stdexcept>

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "schema/embedded_sql.h"
#include "schema/error.h"
#include "schema/schema.h"

namespace ctrack {

extern const std::span<const EmbeddedSql> query_sql;

namespace query {

namespace {

std::string embedded(std::string_view name) {
    for (const auto& file : query_sql)
        if (file.name == name)
            return std::string(file.text);
    throw std::logic_error(fmt::format("{}.sql is not embedded", name));
}

// SQLite prepares the first statement of a text and ignores the others.
int statement_count(sqlite3* db, const char* sql) {
    int count = 0;
    while (*sql != '\0') {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(db, sql, -1, &statement, &sql) != SQLITE_OK)
            return count + 1;
        count += statement == nullptr ? 0 : 1;
        sqlite3_finalize(statement);
    }
    return count;
}

SQLite::Statement prepare(SQLite::Database& db, const std::string& sql) {
    const int count = statement_count(db.getHandle(), sql.c_str());
    if (count != 1)
        throw Error(count == 0 ? "SQL failed: there is no statement"
                               : "SQL failed: more than one statement; run them one by one");
    return {db, sql};
}

[[noreturn]] void rethrow(const SQLite::Exception& e, const std::string& path) {
    switch (e.getErrorCode()) {
    case SQLITE_READONLY:
        throw Error(
            "SQL refused: ctrack-query only reads; use sqlite3 on a copy of the file to change it");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        throw Error(fmt::format(
            "cannot read {}: it is damaged ({}); 'sqlite3 {} .recover' saves what can be", path,
            e.what(), path));
    default: throw Error(fmt::format("SQL failed: {}", e.what()));
    }
}

Value value_of(const SQLite::Column& column) {
    switch (column.getType()) {
    case SQLITE_INTEGER: return column.getInt64();
    case SQLITE_FLOAT: return column.getDouble();
    case SQLITE_TEXT: return column.getString();
    case SQLITE_BLOB: {
        const auto* bytes = static_cast<const unsigned char*>(column.getBlob());
        return fmt::format("{:02X}", fmt::join(bytes, bytes + column.getBytes(), ""));
    }
    default: return std::monostate{};
    }
}

int bind(SQLite::Statement& statement, const char* name, std::int64_t value) {
    const int index = statement.getIndex(name);
    if (index == 0)
        return 0;
    statement.bind(index, value);
    return 1;
}

void bind_all(SQLite::Statement& statement, const Parameters& parameters) {
    const int bound = bind(statement, ":begin_us", parameters.window.begin_us) +
                      bind(statement, ":end_us", parameters.window.end_us) +
                      bind(statement, ":limit", parameters.limit) +
                      bind(statement, ":roll_up", parameters.roll_up);
    if (bound < statement.getBindParameterCount())
        throw Error("SQL failed: unknown parameter; there are :begin_us, :end_us and :limit");
}

std::vector<std::string> column_names(const SQLite::Statement& statement) {
    std::vector<std::string> names;
    for (int i = 0; i < statement.getColumnCount(); ++i)
        names.emplace_back(statement.getColumnName(i));
    return names;
}

Row row_of(const SQLite::Statement& statement) {
    Row row;
    for (int i = 0; i < statement.getColumnCount(); ++i)
        row.push_back(value_of(statement.getColumn(i)));
    return row;
}

} // namespace

Database::Database(const std::string& path)
    : path_(path), db_(schema::open_for_reading(path)), snapshot_(db_) {
    try {
        db_.exec(embedded("prelude"));
        db_.exec("PRAGMA query_only = ON"); // for the TEMP tables as well
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

std::optional<std::int64_t> Database::recorded_until_us() {
    const auto until = db_.execAndGet(embedded("window_end"));
    return until.isNull() ? std::nullopt : std::optional(until.getInt64());
}

std::vector<Loss> Database::losses(const Window& window) {
    SQLite::Statement statement(db_, embedded("losses_in_window"));
    bind_all(statement, {window, -1});
    std::vector<Loss> losses;
    while (statement.executeStep())
        losses.push_back({statement.getColumn(0).getInt64(), statement.getColumn(1).getString(),
                          statement.getColumn(2).getString()});
    return losses;
}

std::vector<Kept> Database::kept(const Parameters& parameters) {
    SQLite::Statement statement(db_, embedded("kept_in_window"));
    bind_all(statement, parameters);
    std::vector<Kept> kept;
    while (statement.executeStep())
        kept.push_back({statement.getColumn(0).getString(), statement.getColumn(1).getInt64()});
    return kept;
}

void Database::choose(const Window& window) {
    try {
        db_.exec("PRAGMA query_only = OFF");
        SQLite::Statement statement(db_, embedded("set_window"));
        bind_all(statement, {window, -1});
        statement.exec();
        db_.exec(embedded("window"));
        db_.exec("PRAGMA query_only = ON");
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

bool Database::takes(const Query& query, const char* parameter) {
    try {
        return prepare(db_, query.sql).getIndex(parameter) != 0;
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

void Database::run(const Query& query, const Parameters& parameters, Renderer& renderer) {
    try {
        auto statement = prepare(db_, query.sql);
        bind_all(statement, parameters);
        renderer.begin(column_names(statement), query.layout);
        while (statement.executeStep())
            renderer.row(row_of(statement));
        renderer.end();
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

} // namespace query
} // namespace ctrack
