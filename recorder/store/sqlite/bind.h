// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

namespace ctrack {

/// Binds a string literal, or NULL for nullptr. SQLite keeps the pointer and does not copy.
inline void bind_value(SQLite::Statement& statement, int index, const char* text) {
    text ? statement.bindNoCopy(index, text) : statement.bind(index);
}

template <class Value>
void bind_value(SQLite::Statement& statement, int index, const Value& value) {
    statement.bind(index, value);
}

/// Binds the value, or NULL for nullopt.
template <class Value>
void bind_value(SQLite::Statement& statement, int index, const std::optional<Value>& value) {
    value ? bind_value(statement, index, *value) : statement.bind(index);
}

/// Binds the parameters of the statement in order and makes it ready to step. An error of its last
/// run is not thrown again, because it was thrown by that run.
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
