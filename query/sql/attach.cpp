// SPDX-License-Identifier: Apache-2.0
#include "query/sql/attach.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <re2/re2.h>
#include <sqlite3.h>

#include "common/error.h"
#include "query/base/replace_all.h"
#include "schema/objects.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace {

// These columns are ids, or refer to an id.
constexpr std::array<std::string_view, 17> id_columns{"id",
                                                      "recording_id",
                                                      "connection_id",
                                                      "process_id",
                                                      "cgroup_id",
                                                      "socket_cgroup_id",
                                                      "batch_id",
                                                      "listener_id",
                                                      "first_event_id",
                                                      "last_event_id",
                                                      "first_rtt_sample_id",
                                                      "last_rtt_sample_id",
                                                      "first_interval_id",
                                                      "last_interval_id",
                                                      "first_connection_id",
                                                      "last_connection_id",
                                                      "minute_id"};

// What numbers mean is the same in every file.
constexpr std::array<std::string_view, 3> tables_of_meanings{"event_kinds", "tcp_states", "errnos"};

bool is_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string quoted(std::string name) {
    replace_all(name, "\"", "\"\"");
    return fmt::format("\"{}\"", name);
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

const schema::Object* our_table_or_view(std::string_view name) {
    const auto* table = schema::find_object("table", name);
    return table != nullptr ? table : schema::find_object("view", name);
}

// Columns of a user's own in one of our tables are not known here.
std::vector<std::string> columns_of(SQLite::Database& db, const std::string& table) {
    std::vector<std::string> names;
    if (const auto* ours = our_table_or_view(table)) {
        for (const auto& column : ours->columns)
            names.emplace_back(column.name);
        return names;
    }
    SQLite::Statement columns(db, "SELECT name FROM pragma_table_info(?, 'main') ORDER BY cid");
    for (columns.bind(1, table); columns.executeStep();)
        names.push_back(columns.getColumn(0));
    return names;
}

// As raised(c.id) AS id, c."port". The quotes see to it that no name is taken for a keyword.
std::string raised_column(const std::string& name) {
    if (std::ranges::find(id_columns, name) != id_columns.end())
        return fmt::format("raised(c.{0}) AS {0}", name);
    return fmt::format("c.{}", quoted(name));
}

// {columns:TABLE} in the text becomes the columns of that table.
std::string with_columns(SQLite::Database& db, std::string sql) {
    static const RE2 pattern(R"(\{columns:([^}]*)\})");
    std::string table;
    if (!RE2::PartialMatch(sql, pattern, &table))
        return sql;
    std::vector<std::string> columns;
    for (const auto& name : columns_of(db, table))
        columns.push_back(raised_column(name));
    replace_all(sql, fmt::format("{{columns:{}}}", table),
                fmt::format("{}", fmt::join(columns, ", ")));
    return sql;
}

// The query that we make a view of, with {file} before each table.
std::string query_of(const schema::Object& view) {
    static const RE2 table(R"(\b(FROM|JOIN) (\w+))");
    std::string query(view.sql.substr(view.sql.find(" AS ") + 4));
    RE2::GlobalReplace(&query, table, R"(\1 {file}\2)");
    return query;
}

// Each {file}VIEW in the text becomes our query of that view, whatever the file calls by its name.
std::string with_our_views(std::string sql) {
    constexpr std::string_view place = "{file}";
    for (auto at = sql.find(place); at != sql.npos; at = sql.find(place, at + 1)) {
        const auto name_at = at + place.size();
        const auto end = std::find_if_not(sql.begin() + static_cast<std::ptrdiff_t>(name_at),
                                          sql.end(), is_of_name);
        const auto size = static_cast<std::size_t>(end - sql.begin()) - name_at;
        if (const auto* view = schema::find_object("view", sql.substr(name_at, size)))
            sql.replace(at, place.size() + size, fmt::format("({})", query_of(*view)));
    }
    return sql;
}

// Each raised(COLUMN) of the text becomes an expression of SQL. It raises an id, but not 0, which
// stands for the unknown in every file. The CAST gives the column one type in all files, without
// which SQLite would work out each column of a view, asked for or not.
std::string with_raised_ids(std::string sql, std::size_t number) {
    static const RE2 pattern(R"(raised\(([^)]*)\))");
    const auto added = static_cast<std::int64_t>(number) * ids_per_file;
    RE2::GlobalReplace(
        &sql, pattern,
        number == 0 ? R"(\1)" : fmt::format(R"(CAST(iif(\1 = 0, 0, \1 + {}) AS INTEGER))", added));
    return sql;
}

} // namespace

std::string schema_name(std::size_t number) {
    return number == 0 ? "main" : fmt::format("file{}", number);
}

OpenedFiles open_together(const std::vector<std::string>& paths) {
    OpenedFiles opened{schema::open_for_reading(paths.front()), {}};
    for (const auto& difference : schema::require_our_tables(opened.db, paths.front()))
        if (!difference.table.empty())
            opened.widened.insert(difference.table);
    require_few(opened.db, paths.size());
    require_different(paths);
    for (std::size_t number = 1; number < paths.size(); ++number) {
        schema::attach_for_reading(opened.db, paths[number], schema_name(number));
        schema::require_our_tables(opened.db, paths[number], schema_name(number));
    }
    return opened;
}

std::map<std::string, std::string> our_views() {
    std::map<std::string, std::string> texts;
    for (const auto& object : schema::our_objects())
        if (object.kind == "view")
            texts[std::string(object.name)] = query_of(object);
    return texts;
}

std::string our_columns_of(const std::string& table) {
    std::vector<std::string> names;
    for (const auto& column : schema::find_object("table", table)->columns)
        names.push_back(quoted(std::string(column.name)));
    return fmt::format("SELECT {} FROM {{file}}{}", fmt::join(names, ", "), table);
}

// In a table of owners the row 0 stands for the unknown in every file.
std::map<std::string, std::string> united_tables() {
    std::map<std::string, std::string> texts;
    for (const auto& object : schema::our_objects())
        if (object.kind != "index" &&
            std::ranges::find(tables_of_meanings, object.name) == tables_of_meanings.end())
            texts[std::string(object.name)] =
                fmt::format("SELECT {{columns:{0}}} FROM {{file}}{0} c{1}", object.name,
                            object.name == "processes" || object.name == "cgroups"
                                ? " WHERE {number} = 0 OR c.id <> 0"
                                : "");
    return texts;
}

std::map<std::string, std::string> united_tables_of_users(SQLite::Database& db) {
    std::map<std::string, std::string> texts;
    SQLite::Statement names(db, "SELECT name FROM main.sqlite_schema "
                                "WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*'");
    while (names.executeStep())
        if (const auto name = names.getColumn(0).getString(); our_table_or_view(name) == nullptr)
            texts[name] =
                fmt::format("SELECT {{columns:{}}} FROM {{file}}{} c", name, quoted(name));
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
    sql = with_our_views(std::move(sql));
    replace_all(sql, "{file}", schema_name(number) + ".");
    replace_all(sql, "{number}", std::to_string(number));
    return with_raised_ids(std::move(sql), number);
}

std::string rows_of_each_file(SQLite::Database& db, const std::string& sql, std::size_t files) {
    const auto text = with_columns(db, sql);
    std::vector<std::string> each;
    for (std::size_t number = 0; number < files; ++number)
        each.push_back(rows_of_file(text, number));
    return fmt::format("{}", fmt::join(each, " UNION ALL "));
}

} // namespace ctrack::query
