// SPDX-License-Identifier: Apache-2.0
#include "query/filter/condition.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace ctrack::query::filter {

namespace {

constexpr std::size_t longest_chain = 100;

// SQLite's parser has room for a hundred open brackets and operators, and its expressions may be a
// thousand deep, where each link of a chain is one deeper. So parts are joined to chains, and only
// a long chain is split into chains in brackets.
std::string chain(std::span<const Condition> parts, std::string_view word) {
    std::string sql;
    while (parts.size() > longest_chain) {
        sql += fmt::format("({}){}", chain(parts.first(longest_chain), word), word);
        parts = parts.subspan(longest_chain);
    }
    for (const auto& part : parts)
        sql += part.sql + (&part == &parts.back() ? "" : std::string(word));
    return sql;
}

// A single part stands for itself.
Condition joined(const std::vector<Condition>& parts, std::string_view word) {
    if (parts.size() == 1)
        return parts.front();
    Condition whole{fmt::format("({})", chain(parts, word)), {}, 0, nullptr};
    for (const auto& part : parts) {
        whole.values.insert(whole.values.end(), part.values.begin(), part.values.end());
        whole.tests += part.tests;
        if (whole.not_of_listeners == nullptr)
            whole.not_of_listeners = part.not_of_listeners;
    }
    return whole;
}

// The column peer_port is beside peer_address, and so on.
std::string port_beside(std::string_view column) {
    return fmt::format("{}_port", column.substr(0, column.rfind('_')));
}

} // namespace

Condition test(const Field& field, std::string_view form, std::vector<Value> values) {
    const auto of_column = [&](std::string_view column) {
        return Condition{fmt::format(fmt::runtime(form), column, port_beside(column)), values, 1,
                         field.of_listeners ? nullptr : &field};
    };
    if (field.other_column.empty())
        return of_column(field.column);
    auto either = any_of({of_column(field.column), of_column(field.other_column)});
    either.tests = 1;
    return either;
}

Condition all_of(const std::vector<Condition>& parts) { return joined(parts, " AND "); }

Condition any_of(const std::vector<Condition>& parts) { return joined(parts, " OR "); }

// A test of what is not known (NULL) does not hold, so its negation must hold.
Condition negation_of(Condition part) {
    part.sql = fmt::format("({}) IS NOT TRUE", part.sql);
    return part;
}

std::string executable_sql(const Condition& condition) {
    std::string sql;
    std::size_t n = 0;
    for (const char c : condition.sql)
        sql += c == '#' ? fmt::format("(SELECT value FROM temp.filter_values WHERE n = {})", ++n)
                        : std::string(1, c);
    return sql;
}

} // namespace ctrack::query::filter
