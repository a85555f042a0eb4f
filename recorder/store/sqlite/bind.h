// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

namespace ctrack {

/// A literal: SQLite keeps the pointer. nullptr is NULL.
inline void bind_value(SQLite::Statement& statement, int index, const char* text) {
    text ? statement.bindNoCopy(index, text) : statement.bind(index);
}

template <class Value>
void bind_value(SQLite::Statement& statement, int index, const Value& value) {
    statement.bind(index, value);
}

/// nullopt is NULL.
template <class Value>
void bind_value(SQLite::Statement& statement, int index, const std::optional<Value>& value) {
    value ? bind_value(statement, index, *value) : statement.bind(index);
}

/// Binds the statement's parameters in order and makes it ready to step. If its last run
/// failed, that was told then.
template <class... Values> void bind_all(SQLite::Statement& statement, const Values&... values) {
    int index = 0;
    statement.tryReset();
    (bind_value(statement, ++index, values), ...);
}

/// Runs a statement without parameters whose one row is a number.
inline std::int64_t first_number(SQLite::Statement& statement) {
    statement.tryReset();
    statement.executeStep();
    const std::int64_t number = statement.getColumn(0).getInt64();
    statement.reset();
    return number;
}

} // namespace ctrack
