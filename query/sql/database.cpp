// SPDX-License-Identifier: Apache-2.0
#include "query/sql/database.h"

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "common/sqlite_error.h"
#include "query/sql/attach.h"
#include "query/sql/bind_parameters.h"
#include "query/sql/views.h"
#include "query/sql/watch.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace {

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

std::string in_our_words(const SQLite::Exception& e, const std::string& path) {
    switch (e.getErrorCode()) {
    case SQLITE_READONLY:
        return "SQL refused: ctrack-query only reads; use sqlite3 on a copy of the file to change "
               "it";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fmt::format("cannot read {}: it is damaged ({}); 'sqlite3 {} .recover' saves what "
                           "can be",
                           path, e.what(), path);
    default: return fmt::format("SQL failed: {}", e.what());
    }
}

[[noreturn]] void rethrow(const SQLite::Exception& e, const std::string& path) {
    if (e.getErrorCode() == SQLITE_INTERRUPT)
        throw Interrupted();
    throw_error(e.getErrorCode(), in_our_words(e, path));
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

Database::Database(const std::vector<std::string>& paths,
                   const std::optional<filter::Expression>& filter)
    : path_(fmt::format("{}", fmt::join(paths, ", "))), is_filtered_(filter),
      are_several_(paths.size() > 1), db_(open_together(paths)), snapshot_(db_) {
    try {
        make_views(db_, filter, paths.size());
        db_.exec("PRAGMA query_only = ON"); // for the TEMP tables as well
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

std::optional<std::int64_t> Database::recorded_until_us() {
    const auto until = db_.execAndGet(embedded_sql("window_end"));
    return until.isNull() ? std::nullopt : std::optional(until.getInt64());
}

std::optional<Window> Database::recorded() {
    SQLite::Statement statement(
        db_, "SELECT min(started_us), max(until_us) + 1 FROM temp.recording_spans");
    statement.executeStep();
    if (statement.getColumn(0).isNull())
        return std::nullopt;
    return Window{statement.getColumn(0).getInt64(), statement.getColumn(1).getInt64()};
}

std::vector<std::pair<std::string, std::int64_t>> Database::doubled() {
    SQLite::Statement statement(db_, embedded_sql("doubled"));
    std::vector<std::pair<std::string, std::int64_t>> doubled;
    while (statement.executeStep())
        doubled.emplace_back(statement.getColumn(0).getString(), statement.getColumn(1).getInt64());
    return doubled;
}

std::vector<Loss> Database::losses(const Window& window) {
    SQLite::Statement statement(db_, embedded_sql("losses_in_window"));
    bind_all(statement, {window, -1}, is_filtered_);
    std::vector<Loss> losses;
    while (statement.executeStep())
        losses.push_back({statement.getColumn(0).getInt64(), statement.getColumn(1).getString(),
                          statement.getColumn(2).getString()});
    return losses;
}

std::vector<Kept> Database::kept(const Parameters& parameters) {
    SQLite::Statement statement(db_, embedded_sql("kept_in_window"));
    bind_all(statement, parameters, is_filtered_);
    std::vector<Kept> kept;
    while (statement.executeStep())
        kept.push_back({statement.getColumn(0).getString(), statement.getColumn(1).getInt64()});
    return kept;
}

void Database::change(const std::function<void()>& function) {
    try {
        db_.exec("PRAGMA query_only = OFF");
        function();
        db_.exec("PRAGMA query_only = ON");
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

void Database::choose(const Window& window, const Query& query) {
    change([&] {
        SQLite::Statement statement(db_, embedded_sql("set_window"));
        bind_all(statement, {window, -1}, is_filtered_);
        statement.exec();
        db_.exec(embedded_sql(are_several_ ? "window_of_several" : "window"));
        if (tables_of(query).contains("ids_about_window"))
            db_.exec(
                "INSERT INTO temp.ids_about_window SELECT id FROM temp.connections_about_window");
    });
}

bool Database::takes(const Query& query, const char* parameter) {
    try {
        return prepare(db_, query.sql).getIndex(parameter) != 0;
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

bool Database::is_running() {
    const auto end_kind = db_.execAndGet(embedded_sql("newest_end_kind"));
    return !end_kind.isNull() && end_kind.getString() == "running";
}

std::set<std::string> Database::tables_of(const Query& query) {
    std::set<std::string> tables;
    const auto note = [](void* seen, int action, const char* table, const char*, const char*,
                         const char* view) {
        auto& names = *static_cast<std::set<std::string>*>(seen);
        if (action == SQLITE_READ)
            names.insert(table);
        if (view != nullptr) // what a view does that has no column in use
            names.insert(view);
        return SQLITE_OK;
    };
    sqlite3_set_authorizer(db_.getHandle(), note, &tables);
    statement_count(db_.getHandle(), query.sql.c_str());
    sqlite3_set_authorizer(db_.getHandle(), nullptr, nullptr);
    return tables;
}

std::vector<std::string> Database::columns_of(const Query& query) {
    try {
        return column_names(prepare(db_, query.sql));
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

std::int64_t Database::run(const Query& query, const Parameters& parameters, Renderer& renderer) {
    try {
        auto statement = prepare(db_, query.sql);
        bind_all(statement, parameters, is_filtered_);
        renderer.begin(column_names(statement), query.layout);
        std::int64_t rows = 0;
        {
            Watch watch(db_.getHandle());
            for (; statement.executeStep(); ++rows) {
                watch.note_row();
                renderer.row(row_of(statement));
            }
        }
        renderer.end();
        return rows;
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

void Database::keep(std::string_view table, const std::string& subquery,
                    const Parameters& parameters) {
    change([&] {
        SQLite::Statement statement(
            db_, fmt::format("CREATE TABLE {} AS SELECT * FROM {}", table, subquery));
        bind_all(statement, parameters, is_filtered_);
        Watch watch(db_.getHandle());
        statement.exec();
    });
}

} // namespace ctrack::query
