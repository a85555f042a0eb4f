// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/listener_table.h"

#include "tests/catch.h"
#include "tests/unit/records.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

constexpr std::int64_t offset_us = 1'000'000'000;

ListenerTable make_table() { return {5, offset_us}; }

ctrack_summary listener(std::uint64_t time_ns, TcpState from, TcpState to) {
    auto s = summary(CTRACK_LISTENER, time_ns, from, to);
    s.netns = 1;
    s.local_port = 80;
    return s;
}

ctrack_summary began(std::uint64_t time_ns) {
    return listener(time_ns, TCP_STATE_CLOSE, TCP_STATE_LISTEN);
}

ctrack_summary met(std::uint64_t time_ns) {
    auto s = listener(time_ns, TCP_STATE_LISTEN, TCP_STATE_LISTEN);
    s.opened_ns = 0;
    return s;
}

ctrack_summary ended(std::uint64_t time_ns) {
    return listener(time_ns, TCP_STATE_LISTEN, TCP_STATE_CLOSE);
}

} // namespace

TEST_CASE("listeners: from listen() to close()") {
    auto table = make_table();
    table.apply(began(1'000'000));
    CHECK(table.listens(1, 80));
    CHECK_FALSE(table.listens(2, 80));
    auto rows = table.take();
    REQUIRE(rows.size() == 1);
    CHECK((rows[0].id == 5 && rows[0].start_kind == StartKind::seen));
    CHECK((rows[0].opened_us == offset_us + 1000 && !rows[0].closed_us));

    table.apply(ended(9'000'000));
    CHECK_FALSE(table.listens(1, 80));
    rows = table.take();
    REQUIRE(rows.size() == 1);
    CHECK((rows[0].id == 5 && rows[0].closed_us == offset_us + 9000));
    CHECK(table.take().empty());
}

TEST_CASE("listeners: one that goes into a new file is older than the recording in it") {
    auto table = make_table();
    table.apply(began(1'000'000));
    table.take();
    table.write_again();
    const auto rows = table.take();
    REQUIRE(rows.size() == 1);
    CHECK((rows[0].start_kind == StartKind::preexisting && rows[0].opened_us == offset_us + 1000));
}

TEST_CASE("listeners: one that a walk meets is older, and told once") {
    auto table = make_table();
    table.begin_walk();
    table.apply(met(4'000'000));
    table.end_walk();
    CHECK(table.take()[0].start_kind == StartKind::preexisting);
    table.begin_walk();
    table.apply(met(5'000'000));
    table.end_walk();
    CHECK(table.take().empty());
}

TEST_CASE("listeners: what two walks do not meet ended when last seen") {
    auto table = make_table();
    table.apply(began(1'000'000));
    table.begin_walk();
    table.apply(met(4'000'000));
    table.end_walk();
    table.take();
    for (int walk = 0; walk < 2; ++walk) {
        CHECK(table.take().empty());
        table.begin_walk();
        table.end_walk();
    }
    const auto rows = table.take();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].closed_us == offset_us + 4000);
}

TEST_CASE("listeners: a socket that listens again is a new row") {
    auto table = make_table();
    table.apply(began(1'000'000));
    table.apply(ended(2'000'000));
    table.apply(began(3'000'000));
    const auto rows = table.take();
    REQUIRE(rows.size() == 3);
    CHECK(rows[2].id == 6);
}
