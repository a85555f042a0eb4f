// SPDX-License-Identifier: Apache-2.0
#include "query/sql/attach.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "common/error.h"
#include "query/base/replace_all.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace {

// The columns that are ids, or refer to an id.
constexpr std::array<std::string_view, 12> id_columns{"id",
                                                      "recording_id",
                                                      "connection_id",
                                                      "process_id",
                                                      "cgroup_id",
                                                      "batch_id",
                                                      "first_event_id",
                                                      "last_event_id",
                                                      "first_rtt_sample_id",
                                                      "last_rtt_sample_id",
                                                      "first_connection_id",
                                                      "last_connection_id"};

// These tables say what numbers mean, which is the same in every file.
constexpr std::array<std::string_view, 3> shared_tables{"event_kinds", "tcp_states", "errnos"};

template <typename Names> bool holds(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

void require_few(SQLite::Database& db, std::size_t count) {
    const auto most = sqlite3_limit(db.getHandle(), SQLITE_LIMIT_ATTACHED, -1) + 1;
    if (count > static_cast<std::size_t>(most))
        throw Error(fmt::format("cannot read {} files: SQLite reads at most {} at once; put some "
                                "together with ctrack-query merge",
                                count, most));
}

void require_different(const std::vector<std::string>& paths) {
    std::error_code error;
    for (std::size_t i = 0; i < paths.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (std::filesystem::equivalent(paths[i], paths[j], error))
                throw Error(
                    fmt::format("cannot read {}: it is the same file as {}", paths[i], paths[j]));
}

void attach(SQLite::Database& db, const std::string& path, std::size_t number) {
    schema::open_for_reading(path); // throws errors in our words
    SQLite::Statement statement(db, fmt::format("ATTACH ? AS file{}", number));
    statement.bind(1, path);
    statement.exec();
}

std::vector<std::string> names_from(SQLite::Database& db, const char* sql,
                                    const std::string& of = "") {
    SQLite::Statement statement(db, sql);
    if (statement.getBindParameterCount() == 1)
        statement.bind(1, of);
    std::vector<std::string> names;
    while (statement.executeStep())
        names.push_back(statement.getColumn(0).getString());
    return names;
}

// The name in quotes, so that it cannot be taken for a keyword.
std::string as_name(std::string_view name) {
    std::string text = "\"";
    for (const char c : name)
        text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += '"';
    return text;
}

std::int64_t ids_of(std::size_t number) { return static_cast<std::int64_t>(number) * ids_per_file; }

// Raises an id, but not 0, which stands for the unknown in every file. The CAST gives the column
// one type in all files, without which SQLite would work out each column of a view, asked for or
// not.
std::string raised(const std::string& column, std::size_t number) {
    if (!holds(id_columns, column))
        return as_name(column);
    return fmt::format("CAST(iif({0} = 0, 0, {0} + {1}) AS INTEGER) AS {0}", as_name(column),
                       ids_of(number));
}

std::string rows_of(const std::string& table, const std::vector<std::string>& columns,
                    std::size_t number) {
    if (number == 0)
        return fmt::format("SELECT * FROM main.{}", as_name(table));
    std::vector<std::string> values;
    for (const auto& column : columns)
        values.push_back(raised(column, number));
    return fmt::format(" UNION ALL SELECT {} FROM file{}.{}{}", fmt::join(values, ", "), number,
                       as_name(table), holds(columns, "id") ? " WHERE id <> 0" : "");
}

std::vector<std::string> columns_of(SQLite::Database& db, const std::string& table) {
    return names_from(db, "SELECT name FROM pragma_table_info(?, 'main') ORDER BY cid", table);
}

void unite(SQLite::Database& db, const std::string& table, std::size_t count) {
    const auto columns = columns_of(db, table);
    std::string sql = fmt::format("CREATE TEMP VIEW {} AS ", as_name(table));
    for (std::size_t number = 0; number < count; ++number)
        sql += rows_of(table, columns, number);
    db.exec(sql);
}

// Each raised(COLUMN) of the text becomes an expression of SQL.
std::string with_raised_ids(std::string_view sql, std::size_t number) {
    constexpr std::string_view begin = "raised(";
    std::string text;
    for (auto at = sql.find(begin); at != std::string_view::npos; at = sql.find(begin)) {
        const auto end = sql.find(')', at);
        const auto column = sql.substr(at + begin.size(), end - at - begin.size());
        text += sql.substr(0, at);
        text += number == 0 ? std::string(column)
                            : fmt::format("CAST(iif({0} = 0, 0, {0} + {1}) AS INTEGER)", column,
                                          ids_of(number));
        sql.remove_prefix(end + 1);
    }
    return text.append(sql);
}

} // namespace

SQLite::Database open_together(const std::vector<std::string>& paths) {
    auto db = schema::open_for_reading(paths.front());
    if (paths.size() == 1)
        return db;
    require_few(db, paths.size());
    require_different(paths);
    for (std::size_t number = 1; number < paths.size(); ++number)
        attach(db, paths[number], number);
    for (const auto& table : names_from(db, "SELECT name FROM main.sqlite_schema WHERE type IN "
                                            "('table', 'view') AND name NOT LIKE 'sqlite_%'"))
        if (!holds(shared_tables, table))
            unite(db, table, paths.size());
    return db;
}

void add_id_functions(SQLite::Database& db) {
    const auto add = [&db](const char* name, auto* function) {
        db.createFunction(name, 1, true, nullptr, function, nullptr, nullptr, nullptr);
    };
    add(
        "file_of", +[](sqlite3_context* context, int, sqlite3_value** id) {
            sqlite3_result_int64(context, sqlite3_value_int64(*id) / ids_per_file);
        });
    add(
        "id_in_file", +[](sqlite3_context* context, int, sqlite3_value** id) {
            sqlite3_result_int64(context, sqlite3_value_int64(*id) % ids_per_file);
        });
}

std::string rows_of_file(std::string sql, std::size_t number) {
    replace_all(sql, "{file}", number == 0 ? "main." : fmt::format("file{}.", number));
    replace_all(sql, "{number}", std::to_string(number));
    return with_raised_ids(sql, number);
}

std::string rows_of_each_file(const std::string& sql, std::size_t files) {
    std::vector<std::string> each;
    for (std::size_t number = 0; number < files; ++number)
        each.push_back(rows_of_file(sql, number));
    return fmt::format("{}", fmt::join(each, " UNION ALL "));
}

std::string raised_columns(SQLite::Database& db, const std::string& table,
                           std::string_view prefix) {
    std::vector<std::string> columns;
    for (const auto& name : columns_of(db, table))
        columns.push_back(fmt::format(
            fmt::runtime(holds(id_columns, name) ? "raised({0}.{1}) AS {1}" : "{0}.{1}"), prefix,
            name));
    return fmt::format("{}", fmt::join(columns, ", "));
}

} // namespace ctrack::query
