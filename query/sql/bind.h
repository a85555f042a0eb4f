// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include <SQLiteCpp/Statement.h>

namespace ctrack::query {

/// Binds a Value to a parameter of a statement: std::visit(Binder{statement, 1}, value).
struct Binder {
    SQLite::Statement& statement;
    int index;

    void operator()(std::monostate) const { statement.bind(index); }
    void operator()(const auto& value) const { statement.bind(index, value); }
};

} // namespace ctrack::query
