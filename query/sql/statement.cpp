// SPDX-License-Identifier: Apache-2.0
#include "query/sql/statement.h"

#include <cstdint>
#include <variant>

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>

#include "common/error.h"

namespace ctrack::query {

namespace {

// Compiles the first statement of the text, and moves the text's begin behind it. The result is
// null if nothing but blanks and comments is left.
sqlite3_stmt* compile_first(sqlite3* db, const char*& text) {
    sqlite3_stmt* statement = nullptr;
    if (const int result = sqlite3_prepare_v2(db, text, -1, &statement, &text); result != SQLITE_OK)
        throw SQLite::Exception(db, result);
    return statement;
}

// A text that cannot be compiled is another statement too.
bool has_statement(sqlite3* db, const char* text) {
    while (*text != '\0') {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(db, text, -1, &statement, &text) != SQLITE_OK)
            return true;
        sqlite3_finalize(statement);
        if (statement != nullptr)
            return true;
    }
    return false;
}

struct ValueBinder {
    sqlite3_stmt* statement;
    int index;

    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
    int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
    int operator()(const std::string& value) const {
        return sqlite3_bind_text64(statement, index, value.data(), value.size(), SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    }
};

[[noreturn]] void complain_of_parameter(const char* name) {
    if (name == nullptr || *name != ':')
        throw Error("SQL failed: write each parameter as :NAME, and give its value with --param "
                    "NAME=VALUE");
    throw Error(fmt::format("SQL failed: the SQL has {}, which has no value: give it with --param "
                            "{}=VALUE",
                            name, name + 1));
}

} // namespace

Statement::Statement(sqlite3* db, const std::string& sql)
    : db_(db), statement_(nullptr, sqlite3_finalize) {
    const char* rest = sql.c_str();
    statement_.reset(compile_first(db, rest));
    if (statement_ == nullptr)
        throw Error("SQL failed: there is no statement");
    if (has_statement(db, rest))
        throw Error("SQL failed: more than one statement; run them one by one");
    for (int i = 0; i < sqlite3_column_count(statement_.get()); ++i)
        columns_.emplace_back(sqlite3_column_name(statement_.get(), i));
}

bool Statement::takes(const std::string& parameter) const {
    return sqlite3_bind_parameter_index(statement_.get(), parameter.c_str()) != 0;
}

void Statement::start(const std::map<std::string, Value>& values) {
    sqlite3_reset(statement_.get());
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement_.get()); ++i) {
        const char* name = sqlite3_bind_parameter_name(statement_.get(), i);
        const auto found = name == nullptr ? values.end() : values.find(name);
        if (found == values.end())
            complain_of_parameter(name);
        check(std::visit(ValueBinder{statement_.get(), i}, found->second));
    }
}

bool Statement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        throw SQLite::Exception(db_, result);
    return result == SQLITE_ROW;
}

Row Statement::row() const {
    Row row;
    for (int i = 0; i < sqlite3_column_count(statement_.get()); ++i)
        row.push_back(value(i));
    return row;
}

int Statement::compiles() const {
    return 1 + sqlite3_stmt_status(statement_.get(), SQLITE_STMTSTATUS_REPREPARE, 0);
}

void Statement::check(int result) const {
    if (result != SQLITE_OK)
        throw SQLite::Exception(db_, result);
}

Value Statement::value(int column) const {
    auto* statement = statement_.get();
    const auto size = [&] {
        return static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    };
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        return std::string(text, size());
    }
    case SQLITE_BLOB: {
        const auto* bytes =
            static_cast<const unsigned char*>(sqlite3_column_blob(statement, column));
        return fmt::format("{:02X}", fmt::join(bytes, bytes + size(), ""));
    }
    default: return std::monostate{};
    }
}

} // namespace ctrack::query
