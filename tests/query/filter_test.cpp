// SPDX-License-Identifier: Apache-2.0
#include "query/filter/parser.h"

#include <sstream>

#include "query/base/usage_error.h"
#include "query/filter/condition.h"
#include "query/filter/hosts.h"
#include "query/filter/lexer.h"
#include "query/filter/narrowing.h"
#include "query/filter/network.h"
#include "query/filter/numbers.h"
#include "tests/catch.h"

using namespace ctrack::query;
using namespace ctrack::query::filter;

namespace {

constexpr std::int64_t now = 1'795'270'985'000'000;

std::string sql_of(const char* text) { return parse(text, now).sql; }

std::vector<Value> values_of(const char* text) { return parse(text, now).values; }

Value number(std::int64_t value) { return value; }

} // namespace

TEST_CASE("filter: and binds closer than or, not closer than both") {
    CHECK(sql_of("pid 1 or pid 2 and pid 3") == "(pid = # OR (pid = # AND pid = #))");
    CHECK(sql_of("(pid 1 or pid 2) and pid 3") == "((pid = # OR pid = #) AND pid = #)");
    CHECK(sql_of("not pid 1 and pid 2") == "((pid = #) IS NOT TRUE AND pid = #)");
    CHECK(sql_of("!(pid 1 && pid 2)") == "((pid = # AND pid = #)) IS NOT TRUE");
}

TEST_CASE("filter: operators") {
    CHECK(sql_of("rtt < 1s") == "rtt_avg_us < #");
    CHECK(sql_of("rtt<=1s") == "rtt_avg_us <= #");
    CHECK(sql_of("rtt>1s") == "rtt_avg_us > #");
    CHECK(sql_of("rtt>=1s") == "rtt_avg_us >= #");
    CHECK(sql_of("pid!=1") == "(pid = #) IS NOT TRUE");
    CHECK(sql_of("pid in 1,2,3") == "(pid = # OR pid = # OR pid = #)");
    CHECK(sql_of("comm~x") == "comm REGEXP #");
    CHECK(sql_of("comm !~ x") == "(comm REGEXP #) IS NOT TRUE");
    CHECK(sql_of("comm x*") == "comm GLOB #");
    CHECK(sql_of("comm 'x*'") == "comm = #");
    CHECK(sql_of("port 80-90") == "(local_port BETWEEN # AND # OR peer_port BETWEEN # AND #)");
    CHECK(sql_of("peer 10.0.0.0/8") == "in_network(peer_address, #)");
    CHECK(sql_of("bytes > 1") == "(bytes_sent + bytes_received) > #");
}

TEST_CASE("filter: values are bound, never part of the SQL") {
    CHECK(values_of("comm \"'; DROP TABLE x; --\"") == std::vector<Value>{"'; DROP TABLE x; --"});
    CHECK(values_of("peer port in 80,8000-8999") ==
          std::vector<Value>{number(80), number(8000), number(8999)});
    CHECK(executable_sql(parse("pid 80-90", now)) ==
          "pid BETWEEN (SELECT value FROM temp.filter_values WHERE n = 1)"
          " AND (SELECT value FROM temp.filter_values WHERE n = 2)");
    CHECK(values_of("rtt > 2.5ms") == std::vector<Value>{number(2500)});
    CHECK(values_of("opened > now") == std::vector<Value>{number(now)});
    CHECK(values_of("peer ::ffff:10.0.0.1") == std::vector<Value>{"10.0.0.1"});
}

TEST_CASE("filter: tokens know where they begin") {
    const auto tokens = tokens_of("a>='b c' (d");
    REQUIRE(tokens.size() == 6);
    CHECK(tokens[1].text == ">=");
    CHECK(tokens[2].text == "b c");
    CHECK(tokens[2].kind == Token::Kind::quoted);
    CHECK(tokens[2].position == 3);
    CHECK(tokens[4].position == 10);
    CHECK(tokens[5].kind == Token::Kind::end);
}

TEST_CASE("filter: mistakes say where") {
    CHECK_THROWS_AS(parse("prot 80", now), UsageError);
    CHECK_THROWS_WITH(parse("pid 1 and prot 80", now),
                      Contains("at character 11") && Contains("did you mean port?"));
    CHECK_THROWS_WITH(parse("", now), Contains("at character 1") && Contains("the end"));
    CHECK_THROWS_WITH(parse("pid 1 pid 2", now), Contains("at character 7"));
}

TEST_CASE("filter: every field takes a value of its type") {
    for (const auto& field : fields()) {
        CAPTURE(field.name);
        const auto words = words_of(field.type);
        const std::string value = !words.empty()                 ? std::string(words.front())
                                  : field.type == Type::address  ? "::1"
                                  : field.type == Type::duration ? "1s"
                                  : field.type == Type::time     ? "now"
                                                                 : "80";
        std::string text(field.name);
        text.append(" = ").append(value);
        if (field.type == Type::flag) // has a word of its own
            CHECK_THROWS_AS(parse(text, now), UsageError);
        else
            CHECK(parse(text, now).tests == 1);
    }
}

TEST_CASE("filter: networks") {
    const auto holds = [](const char* network, const char* address) {
        return parse_network(network).value().holds(parse_address(address).value());
    };
    CHECK(holds("10.0.0.0/8", "10.255.255.255"));
    CHECK(holds("10.1.2.3/8", "10.0.0.0"));
    CHECK_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
    CHECK(holds("10.0.0.0/9", "10.127.0.0"));
    CHECK_FALSE(holds("10.0.0.0/9", "10.128.0.0"));
    CHECK(holds("10.0.0.0/8", "::ffff:10.0.0.1"));
    CHECK(holds("::ffff:10.0.0.0/104", "10.0.0.1"));
    CHECK(holds("0.0.0.0/0", "255.255.255.255"));
    CHECK_FALSE(holds("0.0.0.0/0", "::1"));
    CHECK(holds("::/0", "1.2.3.4"));
    CHECK(holds("2001:db8::/33", "2001:db8:7fff::1"));
    CHECK_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
    for (const auto* text : {"", "10", "10.0.0", "10.0.0.0/33", "::/129", "::/x", "::/", "::/-1",
                             "::1 ", "1.2.3.4.5", "fe80::1%eth0"})
        CHECK_FALSE(parse_network(text));
}

TEST_CASE("filter: lengths of time and sizes") {
    CHECK(parse_duration("50us") == 50);
    CHECK(parse_duration("2.5ms") == 2500);
    CHECK(parse_duration("1s") == 1'000'000);
    CHECK(parse_duration("5m") == 300'000'000);
    CHECK(parse_duration("1h") == 3'600'000'000);
    CHECK(parse_duration("0") == 0);
    CHECK(parse_size("1") == 1);
    CHECK(parse_size("1.5kB") == 1500);
    CHECK(parse_size("1KiB") == 1024);
    CHECK(parse_size("2MiB") == 2 << 20);
    for (const auto* text :
         {"", "5", "ms", "5 ms", "-5ms", "5x", "1e3s", "999999999999h", ".", "1.2.3s"})
        CHECK_FALSE(parse_duration(text));
    for (const auto* text : {"", "B", "1k", "1K", "-1", "99999999TiB"})
        CHECK_FALSE(parse_size(text));
}

TEST_CASE("filter: errors by name or number") {
    CHECK(parse_errno("ECONNREFUSED") == 111);
    CHECK(parse_errno("111") == 111);
    CHECK_FALSE(parse_errno("EFOO"));
    CHECK_FALSE(parse_errno("-1"));
}

TEST_CASE("filter: options of one field are alternatives, others must all hold") {
    const auto whole = condition_of(
        {{"-p", "pid", "1,2"}, {"-c", "comm", "a,b"}, {"-p", "pid", "3"}}, "ipv4", now);
    CHECK(whole.value().values ==
          std::vector<Value>{"a,b", "a", "b", number(1), number(2), number(3), number(4)});
    CHECK_FALSE(condition_of({}, "", now));
    CHECK_THROWS_WITH(condition_of({{"-p", "pid", "x"}}, "", now), Contains("bad -p 'x'"));
}

TEST_CASE("filter: what a listening socket does not have") {
    CHECK(parse("port 80 and comm x", now).not_of_listeners == nullptr);
    const auto* field = parse("port 80 and not (rtt > 1ms)", now).not_of_listeners;
    REQUIRE(field != nullptr);
    CHECK(field->name == "rtt");
}

TEST_CASE("filter: a name in a text as /etc/hosts has all addresses of its lines") {
    const auto of = [](const char* name) {
        std::istringstream hosts(
            "# comment db1\n\n127.0.0.1\tlocalhost\n::1 localhost ip6-localhost\n"
            "10.0.0.9 db1.example.com db1 # db2\n10.0.0.9\n"
            "no.address db3\n  2001:DB8:0::9 db1\n::ffff:10.0.0.8 db4");
        return addresses_of(name, hosts);
    };
    using Texts = std::vector<std::string>;
    CHECK(of("localhost") == Texts{"127.0.0.1", "::1"});
    CHECK(of("db1") == Texts{"10.0.0.9", "2001:db8::9"});
    CHECK(of("DB1.Example.com") == Texts{"10.0.0.9"});
    CHECK(of("db4") == Texts{"10.0.0.8"});
    CHECK(of("db2").empty());
    CHECK(of("db3").empty());
    CHECK(of("10.0.0.9").empty());
    CHECK(of("").empty());
}
