// SPDX-License-Identifier: Apache-2.0
#include "query/sql/bind_parameters.h"

#include "common/error.h"
#include "query/sql/bind.h"

namespace ctrack::query {

namespace {

int bind(SQLite::Statement& statement, const char* name, const auto& value) {
    const int index = statement.getIndex(name);
    if (index == 0)
        return 0;
    statement.bind(index, value);
    return 1;
}

// Without a value it is NULL.
template <typename Kind>
int bind(SQLite::Statement& statement, const char* name, const std::optional<Kind>& value) {
    return value ? bind(statement, name, *value) : statement.getIndex(name) != 0;
}

int bind_named(SQLite::Statement& statement, const std::map<std::string, Value>& named) {
    int bound = 0;
    for (const auto& [name, value] : named) {
        const int index = statement.getIndex(name.c_str());
        if (index == 0)
            continue;
        std::visit(Binder{statement, index}, value);
        ++bound;
    }
    return bound;
}

} // namespace

void bind_all(SQLite::Statement& statement, const Parameters& parameters, bool is_filtered) {
    const int bound = bind_named(statement, parameters.named) +
                      bind(statement, ":begin_us", parameters.window.begin_us) +
                      bind(statement, ":end_us", parameters.window.end_us) +
                      bind(statement, ":limit", parameters.limit) +
                      bind(statement, ":argument", parameters.argument) +
                      bind(statement, ":interval_us", parameters.interval_us) +
                      bind(statement, ":after_id", parameters.after_id) +
                      bind(statement, ":is_filtered", is_filtered) +
                      bind(statement, ":roll_up", parameters.roll_up);
    if (bound < statement.getBindParameterCount())
        throw Error("SQL failed: unknown parameter; there are :begin_us, :end_us and :limit");
}

} // namespace ctrack::query
