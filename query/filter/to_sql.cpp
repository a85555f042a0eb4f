// SPDX-License-Identifier: Apache-2.0
#include "query/filter/to_sql.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace ctrack::query::filter {

namespace {

constexpr std::size_t longest_chain = 100;

class Builder {
public:
    std::string condition(const Expression& expression);
    std::vector<Value> values;

private:
    std::string put(const Value& value);
    std::string test(const Test& test);
    std::string joined(std::span<const Expression> parts, std::string_view word);
};

// Keeps the value, and returns the SQL that reads it.
std::string Builder::put(const Value& value) {
    values.push_back(value);
    return fmt::format("(SELECT value FROM temp.filter_values WHERE n = {})", values.size());
}

std::string compare(std::string_view column, Match match, const std::string& low,
                    const std::string& high) {
    switch (match) {
    case Match::equal: return fmt::format("{} = {}", column, low);
    case Match::less: return fmt::format("{} < {}", column, low);
    case Match::less_equal: return fmt::format("{} <= {}", column, low);
    case Match::greater: return fmt::format("{} > {}", column, low);
    case Match::greater_equal: return fmt::format("{} >= {}", column, low);
    case Match::range: return fmt::format("{} BETWEEN {} AND {}", column, low, high);
    case Match::prefix: return fmt::format("substr({}, 1, length({})) = {}", column, low, low);
    case Match::glob: return fmt::format("{} GLOB {}", column, low);
    case Match::regex: return fmt::format("{} REGEXP {}", column, low);
    case Match::network: return fmt::format("in_network({}, {})", column, low);
    }
    return "FALSE";
}

std::string Builder::test(const Test& test) {
    const auto low = put(test.low);
    const auto high = test.match == Match::range ? put(test.high) : "";
    auto one = compare(test.field->column, test.match, low, high);
    if (test.field->other_column.empty())
        return one;
    return fmt::format("({} OR {})", one, compare(test.field->other_column, test.match, low, high));
}

// SQLite's parser has room for a hundred open brackets and operators, and its expressions may be a
// thousand deep, where each link of a chain is one deeper. So parts are joined to chains, and only
// a long chain is split into chains in brackets.
std::string Builder::joined(std::span<const Expression> parts, std::string_view word) {
    std::string chain;
    if (parts.size() <= longest_chain) {
        for (const auto& part : parts)
            chain += fmt::format("{}{}", chain.empty() ? "" : word, condition(part));
        return chain;
    }
    while (!parts.empty()) {
        const auto some = parts.first(std::min(parts.size(), longest_chain));
        chain += fmt::format("{}({})", chain.empty() ? "" : word, joined(some, word));
        parts = parts.subspan(some.size());
    }
    return chain;
}

std::string Builder::condition(const Expression& expression) {
    switch (expression.kind) {
    case Expression::Kind::test: return test(expression.test);
    case Expression::Kind::all: return fmt::format("({})", joined(expression.parts, " AND "));
    case Expression::Kind::any: return fmt::format("({})", joined(expression.parts, " OR "));
    // A test of what is not known (NULL) does not hold, so its negation must hold.
    case Expression::Kind::negation:
        return fmt::format("({}) IS NOT TRUE", joined(expression.parts, " OR "));
    }
    return "FALSE";
}

} // namespace

Condition to_sql(const Expression& expression) {
    Builder builder;
    auto sql = builder.condition(expression);
    return {std::move(sql), std::move(builder.values)};
}

} // namespace ctrack::query::filter
