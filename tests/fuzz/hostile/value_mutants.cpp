// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include "tests/fuzz/hostile/mutant.h"
#include "tests/fuzz/hostile/sql_file.h"

namespace ctrack::hostile {

namespace {

// "{0}" is the column of which the value is.
constexpr std::array values{
    // Numbers of all sizes and types
    "NULL",
    "0",
    "1",
    "-1",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "1e308",
    "-1e308",
    "9e999",
    "-9e999",
    "0.1",
    "1.0",
    "'17'",
    "'1e400'",
    // Times that no calendar has
    "253402300800000000",
    "-62135596800000001",
    "9223372036854775",
    "1795266000",
    "1795266000000",
    // Values that depend on what was there
    "{0} + 1",
    "-{0}",
    "{0} * 1000003",
    "{0} << 40",
    "{0} - 1000000000",
    "CAST({0} AS BLOB)",
    "CAST({0} AS TEXT)",
    "CAST({0} AS REAL)",
    "{0} || {0}",
    "substr({0}, 2)",
    "upper({0})",
    "{0} || ' '",
    "rowid",
    // Bytes
    "x''",
    "x'00'",
    "zeroblob(5000)",
    "zeroblob(200000)",
    "x'deadbeef'",
    // Long texts
    "''",
    "printf('%.*c', 300, 'x')",
    "printf('%.*c', 70000, 'y')",
    "printf('%.*c', 200000, 'z')",
    // Texts that are no UTF-8, or have bytes after their end
    "CAST(x'ff' AS TEXT)",
    "CAST(x'd092c3' AS TEXT)",
    "CAST(x'eda080' AS TEXT)",
    "CAST(x'f4908080' AS TEXT)",
    "CAST(x'c080' AS TEXT)",
    "CAST(x'610062' AS TEXT)",
    // Texts that a terminal or another program would obey
    "char(27) || ']0;title' || char(7)",
    "char(27) || '[2J' || char(155) || '31m'",
    "'a' || char(10) || 'ctrack-query: b'",
    "char(13) || 'c'",
    "char(8, 8, 127, 133)",
    "char(8238) || 'gpj.exe' || char(8203, 65279)",
    "'\",\"x\":{{'",
    "'=1+1'",
    "'%s%n{{}}'",
    "'<b>&amp;'",
    "'a,b\"c' || char(9) || 'd'",
    "'../../etc/passwd'",
    "'-o'",
    // Addresses and words that are nearly right
    "'999.1.1.1'",
    "'1.2.3.4' || char(10)",
    "'::ffff:1.2.3.4'",
    "'fe80::1%eth0'",
    "'[::1]'",
    "'0x7f.1'",
    "'10.0.0.0/8'",
    "'closed '",
    "'Closed'",
    "'open'",
    "'lost'",
    "'active'",
    // References to what is not there
    "999999",
    "(SELECT max(id) + 1 FROM connections)",
    "(SELECT max(id) FROM batches)",
};

constexpr std::array places{
    "",
    " WHERE rowid % 2",
    " WHERE rowid = (SELECT max(rowid) FROM {0})",
    " WHERE rowid <= 2",
};

// What SQLite would refuse in a STRICT table it takes while the word is not there.
constexpr auto drop_strict = "UPDATE sqlite_schema SET sql = replace(replace(sql,"
                             " ') STRICT, WITHOUT', ') WITHOUT'), ') STRICT', ')')"
                             " WHERE type = 'table'";
constexpr auto put_strict = "UPDATE sqlite_schema SET sql = replace(sql || ' STRICT',"
                            " ') WITHOUT ROWID STRICT', ') STRICT, WITHOUT ROWID')"
                            " WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

bool has_rowid(SqlFile& file, const std::string& table) {
    return file.texts(fmt::format("SELECT wr FROM pragma_table_list('{}')", table)) ==
           std::vector<std::string>{"0"};
}

std::string change_value(SqlFile& file, Choices& choices) {
    const auto table = choices.of(file.tables());
    const auto column = choices.of(file.columns(table));
    const auto value = fmt::format(fmt::runtime(choices.of(values)), column);
    const char* place = has_rowid(file, table) ? choices.of(places) : "";
    return file.run(fmt::format("UPDATE OR REPLACE {} SET {} = {}{}", table, column, value,
                                fmt::format(fmt::runtime(place), table)));
}

std::string delete_rows(SqlFile& file, Choices& choices) {
    const auto table = choices.of(file.tables());
    const char* place = has_rowid(file, table) ? choices.of(places) : "";
    return file.run(
        fmt::format("DELETE FROM {}{}", table, fmt::format(fmt::runtime(place), table)));
}

// Rows that are there already, with other ids where the table has such.
std::string repeat_rows(SqlFile& file, Choices& choices) {
    const auto table = choices.of(file.tables());
    auto columns = fmt::format("{}", fmt::join(file.columns(table), ", "));
    auto values_of_columns = columns;
    if (columns.starts_with("id, "))
        values_of_columns = "id + 1000 * i, " + columns.substr(4);
    return file.run(fmt::format("WITH n(i) AS (VALUES (1), (2), (700), (9223372036854775))"
                                " INSERT OR IGNORE INTO {} ({}) SELECT {} FROM {}, n",
                                table, columns, values_of_columns, table));
}

std::string change_rows(SqlFile& file, Choices& choices) {
    if (choices.one_in(12))
        return delete_rows(file, choices);
    return choices.one_in(12) ? repeat_rows(file, choices) : change_value(file, choices);
}

} // namespace

std::string change_values(const std::string& path, Choices& choices) {
    rewrite_schema(path, drop_strict);
    std::string done;
    SqlFile file(path);
    for (std::size_t left = 1 + choices.below(3); left > 0; --left)
        done += change_rows(file, choices) + "; ";
    if (choices.one_in(3))
        return done + "without STRICT";
    return done + (rewrite_schema(path, put_strict), "with STRICT");
}

} // namespace ctrack::hostile
