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

namespace {

ctrack_summary queued(std::uint64_t time_s, ctrack_accept_queue queue,
                      TcpState to = TCP_STATE_LISTEN) {
    auto s = listener(time_s * 1'000'000'000, TCP_STATE_LISTEN, to);
    s.accept_queue = queue;
    return s;
}

constexpr std::int64_t at(std::int64_t time_s) { return offset_us + time_s * 1'000'000; }

} // namespace

TEST_CASE("accept queues: drops are told at once, and those before it was met are not") {
    auto table = make_table();
    table.apply(queued(1, {.length = 0, .longest = 0, .limit = 8, .drops = 100}));
    table.apply(queued(2, {.length = 0, .longest = 0, .limit = 8, .drops = 100}));
    CHECK(table.take_queues().empty());
    table.apply(queued(3, {.length = 9, .longest = 9, .limit = 8, .drops = 103}));
    table.apply(queued(4, {.length = 7, .longest = 9, .limit = 8, .drops = 104}));
    CHECK(table.changes() == 3);
    const auto rows = table.take_queues();
    REQUIRE(rows.size() == 2);
    CHECK((rows[0].listener_id == 5 && rows[0].from_us == at(1) && rows[0].until_us == at(3)));
    CHECK(
        (rows[0].length == 9 && rows[0].longest == 9 && rows[0].limit == 8 && rows[0].drops == 3));
    CHECK((rows[1].from_us == at(3) && rows[1].until_us == at(4)));
    CHECK((rows[1].length == 7 && rows[1].drops == 1));
}

TEST_CASE("accept queues: the kernel's count of drops goes on from 2^32 at 0") {
    auto table = make_table();
    table.apply(queued(1, {.length = 0, .longest = 0, .limit = 8, .drops = 0xffff'fffe}));
    table.apply(queued(2, {.length = 0, .longest = 0, .limit = 8, .drops = 3}));
    CHECK(table.take_queues().at(0).drops == 5);
}

TEST_CASE("accept queues: without drops there is a row for ten seconds, if it was not empty") {
    auto table = make_table();
    for (std::uint64_t second = 0; second <= 20; ++second) {
        const std::uint32_t longest = second == 13 ? 4 : 0;
        table.apply(queued(second, {.length = 0, .longest = longest, .limit = 8, .drops = 0}));
    }
    const auto rows = table.take_queues();
    REQUIRE(rows.size() == 1);
    CHECK((rows[0].from_us == at(10) && rows[0].until_us == at(20)));
    CHECK((rows[0].length == 0 && rows[0].longest == 4));
}

TEST_CASE("accept queues: walks ten seconds apart give a row each, also if one comes early") {
    auto table = make_table();
    for (std::uint64_t walk = 0; walk <= 3; ++walk) {
        auto s = queued(10 * walk, {.length = 1, .longest = 1, .limit = 8, .drops = 0});
        s.event.time_ns -= walk * 1000; // each a little earlier
        table.apply(s);
    }
    CHECK(table.take_queues().size() == 3);
}

TEST_CASE("accept queues: half as long as they may be is worth a row, and less is not") {
    auto table = make_table();
    table.apply(queued(0, {.length = 0, .longest = 0, .limit = 8, .drops = 0}));
    table.apply(queued(10, {.length = 0, .longest = 3, .limit = 8, .drops = 0}));
    CHECK(table.take_queues().empty());
    table.apply(queued(20, {.length = 1, .longest = 3, .limit = 8, .drops = 0}));
    CHECK(table.take_queues().size() == 1); // one waits
}

TEST_CASE("accept queues: what is left is told at the end of the listener or of the recording") {
    auto table = make_table();
    const ctrack_accept_queue queue{.length = 2, .longest = 2, .limit = 8, .drops = 0};
    table.apply(queued(1, {}));
    table.apply(queued(2, queue, TCP_STATE_CLOSE));
    CHECK(table.take_queues().at(0).until_us == at(2));
    table.apply(queued(3, {}));
    table.apply(queued(4, queue));
    CHECK(table.take_queues().empty());
    table.end_recording();
    CHECK(table.take_queues().at(0).length == 2);
}
