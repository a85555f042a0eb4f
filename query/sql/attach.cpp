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
constexpr std::array<std::string_view, 13> id_columns{"id",
                                                      "recording_id",
                                                      "connection_id",
                                                      "process_id",
                                                      "cgroup_id",
                                                      "socket_cgroup_id",
                                                      "batch_id",
                                                      "first_event_id",
                                                      "last_event_id",
                                                      "first_rtt_sample_id",
                                                      "last_rtt_sample_id",
                                                      "first_connection_id",
                                                      "last_connection_id"};

// These tables say what numbers mean, which is the same in every file.
constexpr std::array<std::string_view, 3> shared_tables{"event_kinds", "tcp_states", "errnos"};

// In these the row 0 stands for the unknown in every file.
constexpr std::array<std::string_view, 2> owner_tables{"processes", "cgroups"};

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

std::vector<std::string> columns_of(SQLite::Database& db, const std::string& table) {
    return names_from(db, "SELECT name FROM pragma_table_info(?, 'main') ORDER BY cid", table);
}

// All columns of a table or view that is called c, as "raised(c.id) AS id, c.port".
std::string raised_columns(SQLite::Database& db, const std::string& table) {
    std::vector<std::string> columns;
    for (const auto& name : columns_of(db, table))
        columns.push_back(holds(id_columns, name) ? fmt::format("raised(c.{0}) AS {0}", name)
                                                  : "c." + as_name(name));
    return fmt::format("{}", fmt::join(columns, ", "));
}

// Each {columns:TABLE} of the text becomes the columns of that table.
std::string with_columns(SQLite::Database& db, std::string sql) {
    constexpr std::string_view begin = "{columns:";
    if (const auto at = sql.find(begin); at != std::string::npos) {
        const auto end = sql.find('}', at);
        const auto table = sql.substr(at + begin.size(), end - at - begin.size());
        sql.replace(at, end + 1 - at, raised_columns(db, table));
    }
    return sql;
}

// Each raised(COLUMN) of the text becomes an expression of SQL. It raises an id, but not 0, which
// stands for the unknown in every file. The CAST gives the column one type in all files, without
// which SQLite would work out each column of a view, asked for or not.
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
        schema::attach_for_reading(db, paths[number], fmt::format("file{}", number));
    return db;
}

std::map<std::string, std::string> united_tables(SQLite::Database& db) {
    std::map<std::string, std::string> texts;
    for (const auto& table : names_from(db, "SELECT name FROM main.sqlite_schema WHERE type IN "
                                            "('table', 'view') AND name NOT LIKE 'sqlite_%'"))
        if (!holds(shared_tables, table))
            texts[table] =
                fmt::format("SELECT {{columns:{0}}} FROM {{file}}{1} c{2}", table, as_name(table),
                            holds(owner_tables, table) ? " WHERE {number} = 0 OR c.id <> 0" : "");
    return texts;
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

std::string rows_of_each_file(SQLite::Database& db, const std::string& sql, std::size_t files) {
    const auto text = with_columns(db, sql);
    std::vector<std::string> each;
    for (std::size_t number = 0; number < files; ++number)
        each.push_back(rows_of_file(text, number));
    return fmt::format("{}", fmt::join(each, " UNION ALL "));
}

} // namespace ctrack::query
