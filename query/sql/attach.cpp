// SPDX-License-Identifier: Apache-2.0
#include "query/sql/attach.h"

#include <filesystem>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <re2/re2.h>
#include <sqlite3.h>

#include "common/error.h"
#include "query/base/replace_all.h"
#include "schema/schema.h"

namespace ctrack::query {

namespace {

// Gives all columns of a table that is called c, as: raised(c.id) AS id, c."port". These names are
// those of ids, or refer to an id. The quotes see to it that no name is taken for a keyword.
constexpr auto raised_columns = R"(
SELECT group_concat(iif(name IN ('id', 'recording_id', 'connection_id', 'process_id', 'cgroup_id',
                                 'socket_cgroup_id', 'batch_id', 'first_event_id', 'last_event_id',
                                 'first_rtt_sample_id', 'last_rtt_sample_id',
                                 'first_connection_id', 'last_connection_id'),
                        format('raised(c.%s) AS %s', name, name), format('c."%w"', name)), ', ')
FROM (SELECT name FROM pragma_table_info(?, 'main') ORDER BY cid))";

// Gives each table and view, and the text that unites it. What numbers mean is the same in every
// file, and in a table of owners the row 0 stands for the unknown in every file.
constexpr auto united = R"(
SELECT name, format('SELECT {columns:%s} FROM {file}"%w" c', name, name)
               || iif(name IN ('processes', 'cgroups'), ' WHERE {number} = 0 OR c.id <> 0', '')
FROM main.sqlite_schema
WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'
  AND name NOT IN ('event_kinds', 'tcp_states', 'errnos'))";

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

// {columns:TABLE} in the text becomes the columns of that table.
std::string with_columns(SQLite::Database& db, std::string sql) {
    static const RE2 pattern(R"(\{columns:([^}]*)\})");
    std::string table;
    if (!RE2::PartialMatch(sql, pattern, &table))
        return sql;
    SQLite::Statement columns(db, raised_columns);
    columns.bind(1, table);
    columns.executeStep();
    replace_all(sql, fmt::format("{{columns:{}}}", table), columns.getColumn(0).getString());
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
    for (SQLite::Statement tables(db, united); tables.executeStep();)
        texts[tables.getColumn(0)] = tables.getColumn(1).getString();
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
