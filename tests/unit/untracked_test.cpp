// SPDX-License-Identifier: Apache-2.0
//
// Sockets of which the kernel program can remember nothing: each record knows one call only.
#include <cerrno>

#include "recorder/fold/connection_table.h"
#include "tests/catch.h"
#include "tests/unit/records.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

constexpr std::int64_t offset_us = 1'000'000'000;

ConnectionTable make_table() { return {{.connection = 50, .listener = 5}, offset_us}; }

ctrack_summary connect_at(std::uint64_t time_ns) {
    auto s = summary(CTRACK_CONNECT, time_ns, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT);
    s.opened_ns = time_ns;
    s.untracked = 1;
    return s;
}

// It is sent while a packet is taken in, when nobody knows whose the socket is.
ctrack_summary close_at(std::uint64_t time_ns, TcpState from, unsigned error = 0) {
    auto s = summary(CTRACK_CLOSE, time_ns, from, TCP_STATE_CLOSE, error);
    s.direction = CTRACK_DIRECTION_UNKNOWN;
    s.pid_source = CTRACK_PID_UNKNOWN;
    s.owner = {};
    s.opened_ns = 0;
    s.orphan = 1;
    s.bytes_sent = 1234;
    s.untracked = 1;
    return s;
}

} // namespace

TEST_CASE("untracked: what earlier calls have told is kept") {
    auto table = make_table();
    table.apply(connect_at(1'000'000));
    table.apply(event(CTRACK_ESTABLISHED, 2'000'000, TCP_STATE_SYN_SENT, TCP_STATE_ESTABLISHED));
    table.apply(event(CTRACK_RTO, 3'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED, 1));
    table.apply(event(CTRACK_RTO, 4'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED, 1));
    table.apply(close_at(9'000'000, TCP_STATE_FIN_WAIT2));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    const ConnectionRow& row = batch.connections[0];
    CHECK(row.start_kind == StartKind::seen);
    CHECK(row.opened_us == offset_us + 1000);
    CHECK(row.established_us == offset_us + 2000);
    CHECK(row.closed_us == offset_us + 9000);
    CHECK(row.ending == Ending{Outcome::closed, ClosedBy::local});
    CHECK(row.summary.untracked == 1);
    CHECK(row.summary.direction == CTRACK_ACTIVE);
    CHECK(row.summary.owner.pid == 100);
    CHECK(row.summary.pid_source == CTRACK_PID_CONNECT);
    CHECK(row.summary.rtos == 2);
    CHECK(row.summary.bytes_sent == 1234);
}

TEST_CASE("untracked: a close alone makes a row") {
    auto table = make_table();
    table.apply(close_at(9'000'000, TCP_STATE_ESTABLISHED));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].start_kind == StartKind::preexisting);
    CHECK(batch.connections[0].ending == Ending{Outcome::reset, ClosedBy::local});
}

TEST_CASE("untracked: the next connection of the socket is another one") {
    auto table = make_table();
    const auto other = summary(CTRACK_CONNECT, 500'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT, 0, 8);
    table.apply(connect_at(1'000'000));
    table.apply(other);
    table.apply(close_at(2'000'000, TCP_STATE_SYN_SENT, ECONNREFUSED));
    table.apply(connect_at(3'000'000));
    table.samples_read();
    table.samples_read();
    Batch batch = table.take();
    REQUIRE(batch.connections.size() == 3);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(batch.connections[i].id == 50 + static_cast<std::int64_t>(i));
    CHECK(batch.connections[0].ending == Ending{Outcome::refused, ClosedBy::peer});
    CHECK(batch.connections[2].ending == Ending{});
    CHECK(table.open_count() == 2);
    table.apply(close_at(4'000'000, TCP_STATE_FIN_WAIT2));
    batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].id == 52);
    CHECK(batch.connections[0].ending == Ending{Outcome::closed, ClosedBy::local});
}

TEST_CASE("untracked: one whose close was lost ends when the socket connects again") {
    auto table = make_table();
    table.apply(connect_at(1'000'000));
    CHECK(table.take().connections.size() == 1);
    table.apply(connect_at(3'000'000));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 2);
    CHECK(batch.connections[0].ending == Ending{Outcome::lost, ClosedBy::unknown});
    CHECK(table.open_count() == 1);
}

TEST_CASE("untracked: a place that becomes free later makes no second row") {
    auto table = make_table();
    table.apply(connect_at(1'000'000));
    auto tracked = close_at(2'000'000, TCP_STATE_ESTABLISHED);
    tracked.event.kind = CTRACK_PREEXISTING;
    tracked.event.new_state = TCP_STATE_ESTABLISHED;
    tracked.untracked = 0;
    table.apply(tracked);
    tracked.event.kind = CTRACK_CLOSE;
    tracked.event.time_ns = 3'000'000;
    tracked.event.new_state = TCP_STATE_CLOSE;
    table.apply(tracked);
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].start_kind == StartKind::seen);
    CHECK(batch.connections[0].opened_us == offset_us + 1000);
    CHECK(batch.connections[0].summary.untracked == 1);
    CHECK(batch.events.size() == 2); // connect and close
}

TEST_CASE("untracked: that no walk meets it is no reason to call it lost") {
    auto table = make_table();
    table.apply(connect_at(1'000'000));
    auto listener = summary(CTRACK_LISTENER, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_LISTEN, 0, 9);
    listener.untracked = 1;
    table.apply(listener);
    for (int walk = 0; walk < 4; ++walk) {
        table.begin_walk();
        table.end_walk();
    }
    const Batch batch = table.take();
    CHECK(table.open_count() == 1);
    REQUIRE(batch.listeners.size() == 1);
    CHECK_FALSE(batch.listeners[0].closed_us);
}
