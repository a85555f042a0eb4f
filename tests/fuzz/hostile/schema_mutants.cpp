// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "tests/fuzz/hostile/mutant.h"
#include "tests/fuzz/hostile/sql_file.h"

namespace ctrack::hostile {

namespace {

// What takes for ever, much memory, or much room for temporary files, if anybody reads it.
constexpr std::array slow_selects{
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n ORDER BY 1",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1 << 40),"
    " one(i) AS (SELECT count(*) FROM n) SELECT {} FROM one",
    "WITH n(i) AS (SELECT a.id FROM events a, events b, events c, events d, events e, events f)"
    " SELECT {} FROM n",
    "WITH n(i) AS (SELECT length(zeroblob(900000000)) FROM events) SELECT {} FROM n",
    "WITH n(i) AS (SELECT randomblob(9000000) FROM events) SELECT {} FROM n",
    "WITH n(i) AS (SELECT abs(-9223372036854775808)) SELECT {} FROM n",
    "WITH n(i) AS (SELECT json('{{')) SELECT {} FROM n",
    "WITH n(i) AS (SELECT load_extension('/nowhere')) SELECT {} FROM n",
    "WITH n(i) AS (SELECT writefile('/nowhere/x', 'x')) SELECT {} FROM n",
    "WITH n(i) AS (SELECT value FROM generate_series(1, 1 << 40)) SELECT {} FROM n",
    "WITH n(i) AS (SELECT rootpage FROM sqlite_schema) SELECT {} FROM n",
    "WITH n(i) AS (SELECT i FROM no_such_table) SELECT {} FROM n",
};

// A view with the same columns as another, so that it can stand in its place.
std::string slow_view(SqlFile& file, Choices& choices, const std::string& name,
                      const std::string& like) {
    std::string columns;
    for (const auto& column : file.columns(like))
        columns += fmt::format("{}i AS {}", columns.empty() ? "" : ", ", column);
    return fmt::format("CREATE VIEW {} AS ", name) +
           fmt::format(fmt::runtime(choices.of(slow_selects)), columns);
}

// The views that reports are closest to come more often.
std::string replace_view(SqlFile& file, Choices& choices) {
    auto views = file.views();
    views.insert(views.end(), 4, "traffic");
    views.insert(views.end(), 4, "rtt_samples");
    const auto view = choices.of(views);
    const auto text = slow_view(file, choices, view, view);
    return file.run(fmt::format("DROP VIEW {}; {}", view, text));
}

std::string replace_table(SqlFile& file, Choices& choices) {
    const auto table = choices.of(file.tables());
    const auto text = choices.one_in(2)
                          ? slow_view(file, choices, table, table)
                          : fmt::format("CREATE VIEW {0} AS SELECT * FROM {0}_0", table);
    return file.run(fmt::format("ALTER TABLE {0} RENAME TO {0}_0; {1}", table, text));
}

// The names are those that our own programs use, or that a terminal would obey.
constexpr std::array odd_names{"extra",
                               "chosen_connections",
                               "connection_facts",
                               "recording_spans",
                               "files",
                               "\"wi\x1b[2Jth\"",
                               "\"line\nbreak\"",
                               "\"\xe2\x80\xae\"",
                               "\"quo\"\"ted\"",
                               "\"\xff\"",
                               "connections2",
                               "pragma_table_info",
                               "filter_values",
                               "\"\"",
                               "[select]",
                               "recorded_spans"};

std::string add_view(SqlFile& file, Choices& choices) {
    const auto like = choices.of(file.tables());
    return file.run(slow_view(file, choices, choices.of(odd_names), like));
}

std::string add_table(SqlFile& file, Choices& choices) {
    return file.run(fmt::format("CREATE TABLE {0} (a, b DEFAULT (abs(-7))); INSERT INTO {0} "
                                "(a) VALUES (1), (zeroblob(100000))",
                                choices.of(odd_names)));
}

std::string add_trigger(SqlFile& file, Choices& choices) {
    constexpr std::array events{"INSERT", "UPDATE", "DELETE"};
    const bool is_on_view = choices.one_in(3);
    const auto on = choices.of(is_on_view ? file.views() : file.tables());
    return file.run(fmt::format("CREATE TRIGGER {} {} {} ON {} BEGIN DELETE FROM connections; "
                                "SELECT raise(FAIL, 'a trigger ran'); END",
                                choices.of(odd_names), is_on_view ? "INSTEAD OF" : "AFTER",
                                choices.of(events), on));
}

std::string add_index(SqlFile& file, Choices& choices) {
    const auto table = choices.of(file.tables());
    const auto column = choices.of(file.columns(table));
    constexpr std::array keys{"{}",           "abs({})",           "{} || 'x'",
                              "hex({}) DESC", "{} COLLATE NOCASE", "{}) WHERE ({} > 5"};
    const auto key = fmt::format(fmt::runtime(choices.of(keys)), column, column);
    return file.run(fmt::format("CREATE {} INDEX {} ON {} ({})", choices.one_in(4) ? "UNIQUE" : "",
                                choices.of(odd_names), table, key));
}

std::string replace_index(SqlFile& file, Choices& choices) {
    const auto index = choices.of(file.texts("SELECT name FROM sqlite_schema WHERE type = 'index'"
                                             " AND sql IS NOT NULL ORDER BY name"));
    return file.run(fmt::format("DROP INDEX {0}; CREATE INDEX {0} ON {1}", index,
                                choices.one_in(2) ? "batches (id)" : "events (hex(value))"));
}

std::string add_column(SqlFile& file, Choices& choices) {
    constexpr std::array columns{
        "extra TEXT",
        "extra TEXT NOT NULL DEFAULT 'x'",
        "extra TEXT AS (hex(zeroblob(1000000))) VIRTUAL",
        "extra INTEGER AS (rowid + 1)",
        "opened TEXT AS (printf('%.*c', 10000000, 'x'))",
        "file_number INTEGER",
        "extra INTEGER CHECK (extra > 7)",
    };
    return file.run(fmt::format("ALTER TABLE {} ADD COLUMN {}", choices.of(file.tables()),
                                choices.of(columns)));
}

// Views that read the table may stand in the way, and then go first.
std::string change_column(SqlFile& file, Choices& choices) {
    const auto table = choices.of(file.tables());
    const auto column = choices.of(file.columns(table));
    if (choices.one_in(2))
        return file.run(fmt::format("ALTER TABLE {0} RENAME COLUMN {1} TO {1}2", table, column));
    if (choices.one_in(2))
        for (const auto& view : file.views())
            file.run("DROP VIEW " + view);
    return file.run(fmt::format("ALTER TABLE {} DROP COLUMN {}", table, column));
}

std::string drop(SqlFile& file, Choices& choices) {
    if (choices.one_in(2))
        return file.run("DROP VIEW " + choices.of(file.views()));
    const auto table = choices.of(file.tables());
    return file.run(choices.one_in(2) ? "DROP TABLE " + table
                                      : fmt::format("ALTER TABLE {0} RENAME TO {0}2", table));
}

// The same rows in a table that is kept in another way.
std::string rebuild_table(SqlFile& file, Choices& choices) {
    const auto table = choices.of(file.tables());
    constexpr std::array ways{
        "CREATE TABLE {0}_0 AS SELECT * FROM {0}",
        "CREATE TABLE {0}_0 ({1}, PRIMARY KEY ({1})) WITHOUT ROWID;"
        " INSERT OR IGNORE INTO {0}_0 SELECT * FROM {0}",
        "CREATE VIRTUAL TABLE {0}_0 USING fts5({1}); INSERT INTO {0}_0 SELECT * FROM {0}",
        "CREATE TABLE {0}_0 ({1})",
    };
    const auto columns = fmt::format("{}", fmt::join(file.columns(table), ", "));
    return file.run(fmt::format(fmt::runtime(choices.of(ways)), table, columns) +
                    fmt::format("; DROP TABLE {0}; ALTER TABLE {0}_0 RENAME TO {0}", table));
}

std::string set_pragma(SqlFile& file, Choices& choices) {
    constexpr std::array pragmas{"application_id", "user_version", "schema_version",
                                 "default_cache_size"};
    constexpr std::array values{"0", "1", "2", "-1", "2147483647", "-2147483648", "1668575851"};
    return file.run(fmt::format("PRAGMA {} = {}", choices.of(pragmas), choices.of(values)));
}

std::string keep_otherwise(SqlFile& file, Choices& choices) {
    constexpr std::array ways{
        "PRAGMA journal_mode = WAL",
        "PRAGMA page_size = 512; VACUUM",
        "PRAGMA page_size = 65536; VACUUM",
        "PRAGMA auto_vacuum = 2; VACUUM",
        "ANALYZE; UPDATE sqlite_stat1 SET stat = '1 1 1 1'",
        "ANALYZE; UPDATE sqlite_stat1 SET stat = '9223372036854775807 -1 x unordered'",
        "ANALYZE; UPDATE sqlite_stat1 SET tbl = 'connections', idx = zeroblob(9)",
        "CREATE TABLE s (i INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO s VALUES (9)",
        "CREATE VIRTUAL TABLE v USING fts5(a); INSERT INTO v VALUES ('x')",
        "CREATE VIRTUAL TABLE v USING rtree(id, a, b); INSERT INTO v VALUES (1, 2, 3)",
    };
    return file.run(choices.of(ways));
}

constexpr std::array rewritings{
    "sql = replace(sql, 'INTEGER', 'TEXT')",
    "sql = replace(sql, 'TEXT', 'BLOB')",
    "sql = replace(sql, 'INTEGER NOT NULL', 'REAL')",
    "sql = replace(sql, 'INTEGER PRIMARY KEY', 'INTEGER')",
    "sql = replace(sql, 'CHECK (', 'CHECK (1 OR ')",
    "sql = replace(sql, 'CHECK (', 'CHECK (0 AND ')",
    "sql = replace(sql, 'CHECK (', 'CHECK (zeroblob(900000000) = ')",
    "sql = replace(sql, 'NOT NULL', '')",
    "sql = replace(sql, 'DEFAULT 0', 'DEFAULT (randomblob(1000000))')",
    "sql = replace(sql, ') STRICT', ') STRICT, WITHOUT ROWID')",
    "sql = replace(sql, ', WITHOUT ROWID', '')",
    "sql = replace(sql, '_us', '_ms')",
    "sql = replace(sql, '--', '---')",
    "sql = replace(sql, 'CREATE', 'CREATE TEMP')",
    "sql = replace(sql, ' FROM ', ' FROM (SELECT 1 AS one), ')",
    "sql = 'CREATE VIRTUAL TABLE x USING no_such_module(a)'",
    "sql = 'CREATE TABLE x (a)'",
    "sql = 'no SQL at all' || char(27)",
    "sql = NULL",
    "sql = x'00ff'",
    "rootpage = 0",
    "rootpage = 1",
    "rootpage = 2",
    "rootpage = 999999",
    "rootpage = -1",
    "name = 'connections'",
    "name = 'traffic', tbl_name = 'events'",
    "name = tbl_name || char(10)",
    "type = 'view'",
    "type = 'trigger'",
    "type = 'table'",
};

std::string rewrite(SqlFile& file, Choices& choices) {
    const auto name = choices.of(file.texts("SELECT name FROM sqlite_schema ORDER BY name"));
    const auto where = choices.one_in(4) ? std::string("1") : fmt::format("name = '{}'", name);
    return file.run(
        fmt::format("UPDATE sqlite_schema SET {} WHERE {}; PRAGMA schema_version = 4711",
                    choices.of(rewritings), where));
}

} // namespace

std::string change_schema(const std::string& path, Choices& choices) {
    constexpr std::array changes{replace_view,   replace_table, add_view,      add_table,
                                 add_trigger,    add_index,     replace_index, add_column,
                                 change_column,  drop,          rebuild_table, set_pragma,
                                 keep_otherwise, rewrite,       rewrite,       replace_view};
    SqlFile file(path);
    auto done = choices.of(changes)(file, choices);
    try {
        if (choices.one_in(4))
            done += "; " + choices.of(changes)(file, choices);
    } catch (const std::exception&) { // the first change was such that no second is possible
    }
    return done;
}

} // namespace ctrack::hostile
