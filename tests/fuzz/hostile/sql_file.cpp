// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/hostile/sql_file.h"

#include <algorithm>

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

namespace ctrack::hostile {

namespace {

constexpr std::size_t shown_bytes = 160;

std::string as_one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text.size() > shown_bytes ? text.substr(0, shown_bytes) + "..." : text;
}

} // namespace

SqlFile::SqlFile(const std::string& path) : db_(path, SQLite::OPEN_READWRITE) {
    db_.exec("PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1;"
             "PRAGMA synchronous = 0; PRAGMA journal_mode = MEMORY;"
             "PRAGMA legacy_alter_table = 1; PRAGMA writable_schema = 1");
}

std::string SqlFile::run(const std::string& sql) {
    try {
        db_.exec(sql);
        return as_one_line(sql);
    } catch (const SQLite::Exception& e) {
        return as_one_line(fmt::format("({}: {})", e.what(), sql));
    }
}

std::vector<std::string> SqlFile::texts(const std::string& sql) {
    std::vector<std::string> all;
    SQLite::Statement rows(db_, sql);
    while (rows.executeStep())
        all.push_back(rows.getColumn(0).getString());
    return all;
}

std::vector<std::string> SqlFile::tables() {
    return texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                 " ORDER BY name");
}

std::vector<std::string> SqlFile::views() {
    return texts("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name");
}

std::vector<std::string> SqlFile::columns(const std::string& table) {
    return texts(fmt::format("SELECT name FROM pragma_table_xinfo('{}') ORDER BY cid", table));
}

std::string rewrite_schema(const std::string& path, const std::string& update) {
    return SqlFile(path).run(fmt::format("{}; PRAGMA schema_version = 4711", update));
}

} // namespace ctrack::hostile
