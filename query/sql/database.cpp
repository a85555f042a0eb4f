// SPDX-License-Identifier: Apache-2.0
#include "query/sql/database.h"

#include <limits>
#include <string_view>
#include <utility>

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "common/sqlite_error.h"
#include "query/base/shell_word.h"
#include "query/sql/all_rows.h"
#include "query/sql/sql_text.h"
#include "query/sql/views.h"
#include "query/sql/watch.h"
#include "schema/objects.h"

namespace ctrack::query {

namespace {

std::string in_our_words(const SQLite::Exception& e, const std::string& path) {
    switch (e.getErrorCode()) {
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        return "SQL refused: ctrack-query only reads; use sqlite3 on a copy of the file to change "
               "it";
    case SQLITE_TOOBIG:
        return fmt::format("cannot read {}: it has a text of more than 1 MiB, which no recorder "
                           "writes; only ctrack-query sql reads it",
                           path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fmt::format("cannot read {}: it is damaged ({}); 'sqlite3 {} .recover' saves what "
                           "can be",
                           path, e.what(), shell_word(path));
    default:
        if (e.what() == std::string_view("integer overflow"))
            return fmt::format("SQL failed: the sum of some numbers of {} is too large; "
                               "'ctrack-query verify' says if they are wrong",
                               path);
        return fmt::format("SQL failed: {}", e.what());
    }
}

void require_short(const Row& row, std::size_t most_bytes) {
    for (const auto& value : row)
        if (const auto* text = std::get_if<std::string>(&value); text && text->size() > most_bytes)
            throw SQLite::Exception("", SQLITE_TOOBIG);
}

[[noreturn]] void rethrow(const SQLite::Exception& e, const std::string& path) {
    if (e.getErrorCode() == SQLITE_INTERRUPT)
        throw Interrupted();
    throw_error(e.getErrorCode(), in_our_words(e, path));
}

} // namespace

template <typename Function> auto Database::watched(Function&& function) {
    Watch watch(db_.getHandle(), bounds_);
    try {
        return function(watch);
    } catch (const SQLite::Exception& e) {
        if (watch.is_too_much())
            throw TooMuch(
                fmt::format("cannot read {}: this would take far more than a file of its "
                            "size ever takes; 'ctrack-query verify' may say what is wrong "
                            "with its rows",
                            path_));
        rethrow(e, path_);
    }
}

Database::Database(const std::vector<std::string>& paths,
                   const std::optional<filter::Condition>& filter) try
    : path_(fmt::format("{}", fmt::join(paths, ", "))), is_filtered_(filter), files_(paths.size()),
      opened_(open_together(paths)), db_(opened_.db), access_(db_.getHandle()), snapshot_(db_),
      views_(db_, is_filtered_, files_, opened_.widened) {
    impose(bounds_for(db_, files_));
    watched([&](Watch&) { views_.make(filter); });
    access_.only_read();
} catch (const SQLite::Exception& e) {
    rethrow(e, fmt::format("{}", fmt::join(paths, ", ")));
}

std::optional<Window> Database::recorded() {
    return watched([&](Watch&) -> std::optional<Window> {
        SQLite::Statement span(
            db_, "SELECT min(started_us), max(until_us) + 1 FROM temp.recording_spans");
        span.executeStep();
        if (span.isColumnNull(0))
            return std::nullopt;
        return Window{span.getColumn(0).getInt64(), span.getColumn(1).getInt64()};
    });
}

bool Database::is_running() {
    const auto runs =
        all_rows(*this, "SELECT max(end_kind = 'running') FROM temp.recording_spans").at(0).at(0);
    return runs == Value(std::int64_t{1});
}

bool Database::is_part() {
    return db_.execAndGet("SELECT coalesce(max(is_part), 0) FROM temp.recording_spans").getInt() !=
           0;
}

void Database::set_scope(const Scope& scope, const TableNames& read) {
    const auto& window = scope.window;
    const bool is_whole =
        window.begin_us == 0 && window.end_us >= recorded().value_or(window).end_us;
    const bool chooses_ids = is_filtered_ && read.contains("chosen_ids");
    const auto narrow = [&] {
        db_.exec(fmt::format("UPDATE temp.window SET begin_us = {}, end_us = {}, "
                             "connections_from_us = {}, newest_rows = {}, counts_moved = {}",
                             window.begin_us, window.end_us, scope.connections_from_us,
                             scope.newest_rows, scope.counts_moved));
        views_.find_all();
        if ((chooses_ids || read.contains("window_ids")) &&
            !(is_whole && scope.connections_from_us == 0))
            views_.find_connections();
        if (read.contains("window_rows") && !is_whole)
            views_.find_rows();
        if (names_moved_ && scope.counts_moved)
            views_.find_moved();
    };
    watched([&](Watch&) { access_.let_write(narrow); });
    if (chooses_ids)
        fill_table("chosen_ids", "SELECT id FROM temp.chosen_connections", {});
}

std::vector<std::string> Database::foreign(std::size_t file) {
    std::vector<std::string> all;
    for (auto& difference : schema::differences(db_, schema_name(file)))
        if (difference.kind == schema::Difference::foreign)
            all.push_back(std::move(difference.what));
    return all;
}

void Database::expect_users_sql() { views_.show_what_is_of_users(); }

void Database::without_bounds(const std::function<void()>& function) {
    const auto bounds = bounds_;
    impose({});
    function();
    impose(bounds);
}

void Database::impose(const Bounds& bounds) {
    bounds_ = bounds;
    sqlite3_limit(db_.getHandle(), SQLITE_LIMIT_LENGTH, bounds.value_bytes);
}

std::size_t Database::hosts() {
    return watched([&](Watch&) {
        return static_cast<std::size_t>(
            db_.execAndGet("SELECT count(DISTINCT hostname) FROM temp.recording_spans").getInt());
    });
}

void Database::make_views(std::string_view sql) {
    names_moved_ = names_moved_ || sql.find("bytes_sent_in_window") != sql.npos ||
                   sql.find("bytes_received_in_window") != sql.npos;
    access_.let_write([&] { views_.make_for(sql); });
}

Statement Database::prepare(const std::string& sql, TableNames* read) {
    try {
        make_views(sql);
        access_.take_tables();
        Statement statement(db_.getHandle(), sql);
        if (read != nullptr)
            read->merge(access_.take_tables());
        return statement;
    } catch (const SQLite::Exception& e) {
        rethrow(e, path_);
    }
}

std::int64_t Database::run(Statement& statement, const Layout& layout, const Parameters& parameters,
                           Renderer& renderer) {
    std::int64_t rows = 0;
    watched([&](Watch& watch) {
        statement.start(values_by_name(parameters, is_filtered_));
        renderer.begin(statement.columns(), layout);
        for (; statement.step(); ++rows) {
            watch.note_row();
            const auto row = statement.row();
            require_short(row, bounds_.cell_bytes);
            renderer.row(row);
        }
    });
    renderer.end();
    return rows;
}

std::int64_t Database::run(const Query& query, const Parameters& parameters, Renderer& renderer) {
    auto statement = prepare(query.sql);
    return run(statement, query.layout, parameters, renderer);
}

std::optional<std::int64_t> Database::count_rows(const std::string& sql,
                                                 const Parameters& parameters,
                                                 std::chrono::milliseconds patience) {
    access_.let_write([&] { db_.exec("UPDATE temp.window SET newest_rows = -1"); });
    auto statement = prepare(fmt::format("SELECT count(*) FROM (\n{}\n)",
                                         sql.substr(0, sql.find_last_not_of(" \n;") + 1)));
    Watch watch(db_.getHandle(), bounds_, patience);
    try {
        statement.start(values_by_name(parameters, is_filtered_));
        statement.step();
        return std::get<std::int64_t>(statement.row().at(0));
    } catch (const SQLite::Exception& e) {
        if (watch.is_late() || watch.is_too_much())
            return std::nullopt;
        rethrow(e, path_);
    }
}

void Database::add_function(const char* name, std::function<std::int64_t(std::int64_t)> function) {
    using Function = decltype(function);
    const auto call = [](sqlite3_context* context, int, sqlite3_value** id) {
        if (sqlite3_value_type(*id) != SQLITE_NULL)
            sqlite3_result_int64(context, (*static_cast<Function*>(sqlite3_user_data(context)))(
                                              sqlite3_value_int64(*id)));
    };
    const auto drop = [](void* added) { delete static_cast<Function*>(added); };
    db_.createFunction(name, 1, true, new Function(std::move(function)), call, nullptr, nullptr,
                       drop);
}

void Database::make_table(const std::string& name, const std::vector<std::string>& columns) {
    write(fmt::format("CREATE TEMP TABLE {} ({})", name, fmt::join(columns, ", ")), {});
}

void Database::fill_table(const std::string& name, const std::string& sql,
                          const Parameters& parameters) {
    write("DELETE FROM temp." + name, {});
    write(fmt::format("INSERT INTO temp.{} {}", name, sql), parameters);
}

void Database::write(const std::string& sql, const Parameters& parameters) {
    const auto run = [&] {
        Statement statement(db_.getHandle(), sql);
        statement.start(values_by_name(parameters, is_filtered_));
        statement.step();
    };
    watched([&](Watch&) { access_.let_write(run); });
}

} // namespace ctrack::query
