// SPDX-License-Identifier: Apache-2.0
#include "query/filter/options.h"

#include <array>
#include <map>

#include <fmt/format.h>

#include "query/base/usage_error.h"
#include "query/filter/parser.h"
#include "query/filter/values.h"

namespace ctrack::query::filter {

namespace {

using Kind = Expression::Kind;

constexpr std::array all_options{
    Option{"-p,--pid", "PID", "owned by this process", "pid", ""},
    Option{"-c,--comm", "NAME", "owned by a program of this name; * and ? as in the shell", "comm",
           ""},
    Option{"-L,--local-port", "PORTS", "local port: 443, 80,443 or 8000-8999", "local port", ""},
    Option{"-D,--peer-port", "PORTS", "port of the other end", "peer port", ""},
    Option{"-P,--port", "PORTS", "port of either end", "port", ""},
    Option{"-4,--ipv4", "", "IPv4 alone", "family", "ipv4"},
    Option{"-6,--ipv6", "", "IPv6 alone", "family", "ipv6"},
    Option{"--local", "ADDRESS", "address of this host, or network: 10.0.0.0/8", "local", ""},
    Option{"--peer", "ADDRESS", "address of the other end, or network", "peer", ""},
    Option{"--container", "ID", "in the container whose id begins so", "container", ""},
    Option{"--unit", "UNIT", "in this systemd unit", "unit", ""},
    Option{"--outcome", "OUTCOME", "open, closed, failed, refused, timeout, ...", "outcome", ""},
};

Expression test(const Option& option, const std::string& text, std::int64_t now_us) {
    try {
        return of(equality(field(option.field), {text, false, now_us}));
    } catch (const BadValue& e) {
        throw UsageError(
            fmt::format("bad {} '{}': expected {}", short_name(option), text, e.what()));
    }
}

// Separated by commas, of which a program's name may hold some.
std::vector<std::string> values_of(const Given& given) {
    if (!given.option->value.empty())
        return {std::string(given.option->value)};
    if (given.option->field == "comm")
        return {given.text};
    std::vector<std::string> values;
    std::size_t begin = 0;
    for (std::size_t comma; (comma = given.text.find(',', begin)) != std::string::npos;
         begin = comma + 1)
        values.push_back(given.text.substr(begin, comma - begin));
    values.push_back(given.text.substr(begin));
    return values;
}

} // namespace

std::span<const Option> options() { return all_options; }

std::optional<Expression> expression_of(const std::vector<Given>& given, std::string_view words,
                                        std::int64_t now_us) {
    std::map<std::string_view, std::vector<Expression>> by_field;
    for (const auto& each : given)
        for (const auto& value : values_of(each))
            by_field[each.option->field].push_back(test(*each.option, value, now_us));
    std::vector<Expression> all;
    for (auto& [field, alternatives] : by_field)
        all.push_back(of(Kind::any, std::move(alternatives)));
    if (!words.empty())
        all.push_back(parse(words, now_us));
    if (all.empty())
        return std::nullopt;
    auto whole = of(Kind::all, std::move(all));
    if (size(whole) > most_tests)
        throw UsageError(fmt::format("bad filter: more than {} tests", most_tests));
    return whole;
}

} // namespace ctrack::query::filter
