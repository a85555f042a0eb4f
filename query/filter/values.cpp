// SPDX-License-Identifier: Apache-2.0
#include "query/filter/values.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <netdb.h>
#include <re2/re2.h>

#include "query/base/usage_error.h"
#include "query/filter/hosts.h"
#include "query/filter/network.h"
#include "query/filter/numbers.h"
#include "query/time/parse_time.h"

namespace ctrack::query::filter {

namespace {

using std::int64_t;

constexpr std::string_view equal = "{} = #";

const char* expected_by(Type type) {
    switch (type) {
    case Type::port: return "a port from 0 to 65535, a range as 8000-8999 or a service as https";
    case Type::duration:
        return "a length of time as 50ms or a range as 10ms-50ms (us, ms, s, m, h)";
    case Type::size: return "a size as 10MiB (B, KiB, MiB, GiB, kB, MB, GB)";
    case Type::address:
        return "an address or network, as 10.0.0.1, 10.0.0.0/8 or fe80::1%eth0, or a name in "
               "/etc/hosts (no name server is asked), with a port behind it or not";
    case Type::error: return "the name or number of an error, as ECONNREFUSED or 111";
    default: return "a whole number";
    }
}

int64_t parse_time_value(const Written& value) {
    try {
        return parse_time(value.text, value.now_us);
    } catch (const UsageError& e) {
        throw BadValue(fmt::format("a time ({})", e.what()));
    }
}

std::optional<int64_t> parse_port(std::string_view text) {
    const auto port = parse_integer(text);
    return port && *port >= 0 && *port <= 65535 ? port : std::nullopt;
}

std::optional<int64_t> parse_number(Type type, std::string_view text) {
    switch (type) {
    case Type::port: return parse_port(text);
    case Type::duration: return parse_duration(text);
    case Type::size: return parse_size(text);
    case Type::error: return parse_errno(text);
    default: return parse_integer(text);
    }
}

// The port of a service, as /etc/services has it.
std::optional<int64_t> service_port(const std::string& name) {
    const auto* service = getservbyname(name.c_str(), "tcp");
    return service == nullptr
               ? std::nullopt
               : std::optional<int64_t>(ntohs(static_cast<uint16_t>(service->s_port)));
}

int64_t number_of(Type type, const Written& value) {
    if (type == Type::time)
        return parse_time_value(value);
    if (const auto number = parse_number(type, value.text))
        return *number;
    if (const auto port = type == Type::port ? service_port(value.text) : std::nullopt)
        return *port;
    throw BadValue(expected_by(type));
}

// The test for a range as 8000-8999; nothing if the text is no range.
std::optional<Condition> range(const Field& field, const Written& value) {
    const auto dash = value.text.find('-', 1);
    if (dash == std::string::npos || field.type == Type::error)
        return std::nullopt;
    const auto low = parse_number(field.type, value.text.substr(0, dash));
    const auto high = parse_number(field.type, value.text.substr(dash + 1));
    if (!low || !high)
        return std::nullopt;
    if (*low > *high)
        throw BadValue("a range that begins with its lower end");
    return test(field, "{} BETWEEN # AND #", {*low, *high});
}

Condition number_test(const Field& field, const Written& value) {
    if (field.type != Type::time)
        if (auto test = range(field, value))
            return *test;
    return test(field, equal, {number_of(field.type, value)});
}

// An address with the port behind it, as tables show it: 10.0.0.1:443 or [::1]:443.
struct End {
    std::string address;
    int64_t port;
};
std::optional<End> parse_end(const std::string& text) {
    static const RE2 form(R"((?:\[([^\]]+)\]|([^:]+)):(\d+))");
    std::string ipv6, other, digits;
    if (!RE2::FullMatch(text, form, &ipv6, &other, &digits))
        return std::nullopt;
    const auto port = parse_port(digits);
    return port ? std::optional(End{ipv6 + other, *port}) : std::nullopt;
}

// The test for fe80::1%eth0: such an address says something only together with an interface.
std::optional<Condition> scoped_address_test(const Field& field, const std::string& text) {
    const auto percent = text.find('%');
    const auto address = parse_address(text.substr(0, percent));
    if (percent == std::string::npos || percent + 1 == text.size() || !address)
        return std::nullopt;
    const auto interface = text.substr(percent + 1);
    return test(field, "({} = # AND (interface = # OR CAST(ifindex AS TEXT) = #))",
                {address_text(*address), interface, interface});
}

// A name may have several addresses, and means any of them.
Condition host_test(const Field& field, const std::string& name) {
    std::ifstream hosts("/etc/hosts");
    std::vector<Condition> any;
    for (const auto& address : addresses_of(name, hosts))
        any.push_back(test(field, equal, {address}));
    if (any.empty())
        throw BadValue(expected_by(Type::address));
    return any_of(any);
}

Condition address_test(const Field& field, const Written& value);

// The same row of an address and its port must match, also if the field has two.
Condition end_test(const Field& field, const End& end, const Written& value) {
    std::vector<Condition> any;
    for (const auto column : {field.column, field.other_column})
        if (!column.empty()) {
            Field one = field;
            one.column = column;
            one.other_column = "";
            any.push_back(all_of({address_test(one, {end.address, value.is_quoted, value.now_us}),
                                  test(one, "{1} = #", {end.port})}));
        }
    auto whole = any_of(any);
    whole.not_of_listeners = field.of_listeners ? nullptr : &field; // it outlives `one`
    return whole;
}

Condition address_test(const Field& field, const Written& value) {
    if (const auto end = parse_end(value.text))
        return end_test(field, *end, value);
    if (const auto scoped = scoped_address_test(field, value.text))
        return *scoped;
    const auto network = parse_network(value.text);
    if (!network)
        return host_test(field, value.text);
    if (network->bits == 128)
        return test(field, equal, {address_text(network->address)});
    return test(field, "in_network({}, #)", {value.text});
}

bool is_pattern(const Written& value) {
    return !value.is_quoted && value.text.find_first_of("*?") != std::string::npos;
}

Condition text_test(const Field& field, const Written& value) {
    return test(field, is_pattern(value) ? "{} GLOB #" : equal, {value.text});
}

// Completes a name as systemctl does: nginx means nginx.service.
Condition unit_test(const Field& field, Written value) {
    if (!is_pattern(value) && value.text.find('.') == std::string::npos)
        value.text += ".service";
    return text_test(field, value);
}

Condition word_test(const Field& field, const Written& value) {
    const auto words = words_of(field.type);
    if (std::find(words.begin(), words.end(), value.text) == words.end())
        throw BadValue(fmt::format("{}", fmt::join(words, ", ")));
    if (field.type == Type::family)
        return test(field, equal, {int64_t{value.text.ends_with('4') ? 4 : 6}});
    if (value.text == "failed")
        return test(filter::field("failed"), equal, {int64_t{1}});
    return test(field, equal, {value.text});
}

bool is_ordered(Type type) {
    switch (type) {
    case Type::integer:
    case Type::port:
    case Type::duration:
    case Type::size:
    case Type::time: return true;
    default: return false;
    }
}

bool is_text(Type type) {
    return type == Type::text || type == Type::unit || type == Type::container;
}

Condition regex_test(const Field& field, const Written& value) {
    const RE2 regex(value.text, RE2::Quiet);
    if (!regex.ok())
        throw BadValue(fmt::format("a regular expression ({})", regex.error()));
    return test(field, "{} REGEXP #", {value.text});
}

} // namespace

Condition equality(const Field& field, const Written& value) {
    switch (field.type) {
    case Type::text: return text_test(field, value);
    case Type::unit: return unit_test(field, value);
    case Type::container: return test(field, "instr({}, #) = 1", {value.text});
    case Type::address: return address_test(field, value);
    case Type::family:
    case Type::direction:
    case Type::outcome:
    case Type::end:
    case Type::closed_by: return word_test(field, value);
    default: return number_test(field, value);
    }
}

Condition comparison(const Field& field, std::string_view symbol, const Written& value) {
    if (symbol == "~") {
        if (!is_text(field.type))
            throw BadValue(fmt::format("= or in, since {} is no text", field.name));
        return regex_test(field, value);
    }
    if (!is_ordered(field.type))
        throw BadValue(fmt::format("=, != or in, since {} has no order", field.name));
    return test(field, fmt::format("{{}} {} #", symbol), {number_of(field.type, value)});
}

bool is_one_end(const std::string& text) { return parse_end(text) || parse_address(text); }

} // namespace ctrack::query::filter
