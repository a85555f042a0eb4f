// SPDX-License-Identifier: Apache-2.0
#include "recorder/fold/connection_table.h"

#include <algorithm>
#include <cerrno>

#include "tests/catch.h"
#include "tests/unit/records.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

constexpr std::int64_t offset_us = 1'000'000'000;

ConnectionTable make_table() { return {{.connection = 50, .listener = 5}, offset_us}; }

ctrack_summary close_of(std::uint64_t time_ns, unsigned rtt_samples = 0) {
    auto s = summary(CTRACK_CLOSE, time_ns, TCP_STATE_FIN_WAIT2, TCP_STATE_CLOSE);
    s.established_ns = 2'000'000;
    s.states_seen = 1 << TCP_STATE_ESTABLISHED | 1 << TCP_STATE_FIN_WAIT1;
    s.rtt_samples = rtt_samples;
    s.rtt_sum_us = rtt_samples * 10;
    s.rtt_min_us = s.rtt_max_us = 10;
    s.bytes_sent = 1234;
    s.orphan = 1;
    return s;
}

} // namespace

TEST_CASE("table: connect, established, close make one row") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    CHECK(table.open_count() == 1);
    table.apply(event(CTRACK_ESTABLISHED, 2'000'000, TCP_STATE_SYN_SENT, TCP_STATE_ESTABLISHED));
    table.apply(close_of(9'000'000));
    const Batch batch = table.take();

    CHECK(table.open_count() == 0);
    REQUIRE(batch.connections.size() == 1);
    const ConnectionRow& row = batch.connections[0];
    CHECK(row.id == 50);
    CHECK(row.start_kind == StartKind::seen);
    CHECK(row.opened_us == offset_us + 1000);
    CHECK(row.established_us == offset_us + 2000);
    CHECK(row.closed_us == offset_us + 9000);
    CHECK(row.ending == Ending{Outcome::closed, ClosedBy::local});
    CHECK(row.summary.bytes_sent == 1234);

    REQUIRE(batch.events.size() == 3);
    CHECK(batch.events[1].kind == CTRACK_ESTABLISHED);
    CHECK(batch.events[1].value == 1000); // microseconds of handshake
    CHECK(batch.events[2].new_state == TCP_STATE_CLOSE);
}

namespace {

ctrack_summary checkpoint_of(std::uint64_t time_ns, unsigned segs_sent) {
    auto s = summary(CTRACK_CHECKPOINT, time_ns, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED);
    s.segs_sent = segs_sent;
    return s;
}

} // namespace

TEST_CASE("table: an open connection is written once, then only when it changes") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    CHECK(table.take().connections.size() == 1);
    CHECK(table.take().empty());
    table.apply(checkpoint_of(3'000'000, 5));
    Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].summary.segs_sent == 5);
    CHECK(batch.events.empty());
    table.apply(checkpoint_of(4'000'000, 5));
    CHECK(table.take().connections.empty());
    auto accepted = checkpoint_of(5'000'000, 5); // by the process that listens, without data
    accepted.pid_source = CTRACK_PID_ACCEPT;
    table.apply(accepted);
    CHECK(table.take().connections.size() == 1);
}

TEST_CASE("table: samples are counted from the newest summary on") {
    auto table = make_table();
    table.apply(rtt(900'000, 40)); // from the other ring, ahead of its connection
    auto connect = summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT);
    connect.rtt_samples = 1; // the kernel's count of that same sample
    connect.rtt_sum_us = connect.rtt_min_us = connect.rtt_max_us = 40;
    table.apply(connect);
    table.apply(rtt(950'000, 45)); // counted in the summary
    table.apply(rtt(2'000'000, 20));
    Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].summary.rtt_samples == 2);
    CHECK(batch.connections[0].summary.rtt_min_us == 20);
    CHECK(batch.connections[0].summary.rtt_max_us == 40);
    CHECK(batch.connections[0].summary.rtt_sum_us == 60);
    CHECK(batch.rtt_samples.size() == 3);
    CHECK(batch.rtt_source == CTRACK_RTT_MEASURED);

    table.apply(close_of(9'000'000, 5)); // two samples were lost, one is still to come
    table.apply(rtt(8'000'000, 30));
    batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].summary.rtt_samples == 5);
    CHECK(batch.connections[0].summary.rtt_min_us == 10);
    REQUIRE(batch.rtt_samples.size() == 1);
    CHECK(batch.rtt_samples[0].connection_id == 50);
}

TEST_CASE("table: a reset that this host sends just after the close explains it anew") {
    auto table = make_table();
    auto close = close_of(9'000'000);
    close.event.value = ECONNRESET;
    table.apply(close);
    CHECK(table.take().connections.at(0).ending == Ending{Outcome::reset, ClosedBy::peer});
    table.apply(event(CTRACK_RESET, 9'001'000, TCP_STATE_CLOSE, TCP_STATE_CLOSE));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].ending == Ending{Outcome::reset, ClosedBy::local});
    CHECK(batch.connections[0].summary.event.value == 0);
    CHECK(batch.events.size() == 1);
    CHECK(table.open_count() == 0);
}

TEST_CASE("table: a reset that this host sends before the close counts at the close") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.apply(event(CTRACK_RESET, 8'000'000, TCP_STATE_FIN_WAIT2, TCP_STATE_FIN_WAIT2));
    CHECK(table.take().connections.at(0).ending == Ending{});
    table.apply(close_of(9'000'000));
    CHECK(table.take().connections.at(0).ending == Ending{Outcome::reset, ClosedBy::local});
}

TEST_CASE("table: a reset of a connection that is not known makes no row") {
    auto table = make_table();
    table.apply(event(CTRACK_RESET, 9'000'000, TCP_STATE_CLOSE, TCP_STATE_CLOSE));
    CHECK(table.take().empty());
}

TEST_CASE("table: what two walks do not meet is lost, with what was known of it") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.begin_walk();
    table.apply(checkpoint_of(2'000'000, 7));
    table.end_walk();
    table.begin_walk(); // its close could still be waiting
    table.end_walk();
    CHECK(table.open_count() == 1);
    table.begin_walk();
    table.end_walk();
    CHECK(table.open_count() == 0);
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].ending == Ending{Outcome::lost, ClosedBy::unknown});
    CHECK(batch.connections[0].closed_us == offset_us + 2000);
    CHECK(batch.connections[0].summary.segs_sent == 7);
}

TEST_CASE("table: a connection that walks meet unmoved is not lost, and its row is not written") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.take();
    for (std::uint64_t walk = 0; walk < 3; ++walk) {
        table.begin_walk();
        table.apply(
            event(CTRACK_UNMOVED, 2'000'000 + walk, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED));
        table.end_walk();
        CHECK(table.take().empty());
    }
    CHECK(table.open_count() == 1);
    table.apply(event(CTRACK_UNMOVED, 2, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED, 0, 8));
    CHECK(table.open_count() == 1); // it is not known which connection that is
}

TEST_CASE("table: what a walk that does not refresh has changed is written though it is unmoved") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.begin_walk({.refreshes = false});
    table.apply(checkpoint_of(2'000'000, 7));
    table.take();
    table.begin_walk({.refreshes = true});
    table.apply(event(CTRACK_UNMOVED, 3'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].summary.segs_sent == 7);
    CHECK(batch.connections[0].last_seen_us == offset_us + 3000);
}

TEST_CASE("table: a connection begun during a walk need not be met by it") {
    auto table = make_table();
    table.begin_walk();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.end_walk();
    table.begin_walk();
    table.end_walk();
    CHECK(table.open_count() == 1);
}

TEST_CASE("table: a walk that meets a connection just before its close changes nothing") {
    auto table = make_table();
    table.apply(close_of(9'000'000));
    table.begin_walk();
    table.apply(checkpoint_of(8'999'999, 7));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].ending.outcome == Outcome::closed);
    CHECK(batch.connections[0].summary.bytes_sent == 1234);
}

TEST_CASE("table: a walk that overtakes what waits in the ring has the last word") {
    auto table = make_table();
    table.begin_walk();
    table.apply(checkpoint_of(3'000'000, 7));
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].summary.segs_sent == 7);
    CHECK(batch.connections[0].last_seen_us == offset_us + 3000);
    CHECK(batch.events.size() == 1);
    table.apply(close_of(2'999'999)); // sent before the socket's state shows it
    CHECK(table.take().connections[0].ending.outcome == Outcome::closed);
}

TEST_CASE("table: a connection that a walk and a callback announce has one such event") {
    auto table = make_table();
    const auto announcement = [](std::uint64_t time_ns) {
        return summary(CTRACK_PREEXISTING, time_ns, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED);
    };
    table.apply(checkpoint_of(4'000'000, 5)); // overtook both
    table.apply(announcement(3'000'000));
    table.apply(announcement(2'999'000));
    CHECK(table.take().events.size() == 1);
}

TEST_CASE("table: samples read before an older summary still count") {
    auto table = make_table();
    table.apply(rtt(2'000'000, 30));
    table.apply(rtt(3'000'000, 50));
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.apply(rtt(4'000'000, 70));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].summary.rtt_samples == 3);
    CHECK(batch.connections[0].summary.rtt_sum_us == 150);
    CHECK(batch.connections[0].summary.rtt_min_us == 30);
    table.apply(close_of(9'000'000, 1)); // the kernel's own count
    CHECK(table.take().connections[0].summary.rtt_samples == 1);
}

TEST_CASE("table: samples later than the close still find their connection") {
    auto table = make_table();
    table.apply(close_of(9'000'000));
    table.take();
    table.samples_read(); // up to where it closed
    table.take();
    table.apply(rtt(8'000'000, 30));
    const Batch batch = table.take();
    CHECK(batch.connections.empty());
    REQUIRE(batch.rtt_samples.size() == 1);
    CHECK(batch.rtt_samples[0].connection_id == 50);
}

TEST_CASE("table: closed connections are forgotten") {
    auto table = make_table();
    table.apply(close_of(9'000'000));
    table.take();
    table.samples_read();
    table.samples_read();
    table.take();
    table.apply(summary(CTRACK_CONNECT, 20'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    CHECK(table.take().connections.at(0).id == 51);
}

TEST_CASE("table: a close alone makes a whole row") {
    auto table = make_table();
    table.apply(close_of(9'000'000));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].has_summary);
    CHECK(batch.connections[0].opened_us == offset_us + 1000);
    CHECK(batch.connections[0].established_us == offset_us + 2000);
    CHECK(batch.connections[0].start_kind == StartKind::seen);
}

TEST_CASE("table: a connection older than the recorder is marked") {
    auto table = make_table();
    auto found =
        summary(CTRACK_PREEXISTING, 4'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED);
    found.opened_ns = 0;
    table.apply(found);
    const Batch batch = table.take();
    CHECK(batch.connections.at(0).start_kind == StartKind::preexisting);
    CHECK(batch.connections.at(0).opened_us == offset_us + 4000);
    CHECK_FALSE(batch.connections.at(0).established_us);
}

TEST_CASE("table: an older connection on a port that is listened on was accepted") {
    auto table = make_table();
    auto found =
        summary(CTRACK_PREEXISTING, 4'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED);
    found.direction = CTRACK_DIRECTION_UNKNOWN;
    auto elsewhere = found;
    elsewhere.event.cookie = 8;
    elsewhere.netns = 1;
    auto listener = summary(CTRACK_LISTENER, 4'000'000, TCP_STATE_LISTEN, TCP_STATE_LISTEN);
    table.begin_walk();
    table.apply(found);
    table.apply(elsewhere);
    table.apply(listener);
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 2);
    CHECK(batch.connections[0].summary.direction == CTRACK_PASSIVE);
    CHECK(batch.connections[1].summary.direction == CTRACK_DIRECTION_UNKNOWN);
}

TEST_CASE("table: an older connection stays accepted though its listener closes first") {
    auto table = make_table();
    auto found =
        summary(CTRACK_PREEXISTING, 4'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED);
    found.direction = CTRACK_DIRECTION_UNKNOWN;
    table.apply(found);
    table.apply(summary(CTRACK_LISTENER, 4'000'000, TCP_STATE_LISTEN, TCP_STATE_LISTEN));
    table.take();
    table.apply(summary(CTRACK_LISTENER, 5'000'000, TCP_STATE_LISTEN, TCP_STATE_CLOSE));
    auto closed = close_of(9'000'000);
    closed.direction = CTRACK_DIRECTION_UNKNOWN;
    table.apply(closed);
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].summary.direction == CTRACK_PASSIVE);
}

TEST_CASE("table: samples that overtook the first summary count") {
    auto table = make_table();
    table.apply(rtt(2'000'000, 20));
    table.apply(rtt(3'000'000, 40));
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    const ctrack_summary& s = batch.connections[0].summary;
    CHECK(s.rtt_samples == 2);
    CHECK((s.rtt_min_us == 20 && s.rtt_max_us == 40 && s.rtt_sum_us == 60));
}

TEST_CASE("table: at the end of the recording the row holds its last samples") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.take();
    table.apply(rtt(2'000'000, 20));
    CHECK(table.take().connections.empty());
    table.end_recording();
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].summary.rtt_samples == 1);
    table.end_recording();
    CHECK(table.take().connections.empty());
}

TEST_CASE("table: attempts that failed before TCP are rows of their own, also on one socket") {
    auto table = make_table();
    auto attempt = summary(CTRACK_ATTEMPT, 3'000'000, TCP_STATE_CLOSE, TCP_STATE_CLOSE, 101);
    attempt.event.generation = 0;
    table.apply(attempt);
    table.apply(attempt);
    CHECK(table.open_count() == 0);
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 2);
    const ConnectionRow& row = batch.connections[1];
    CHECK(row.id == 51);
    CHECK(row.opened_us == offset_us + 1000);
    CHECK(row.closed_us == offset_us + 3000);
    CHECK(row.ending == Ending{Outcome::unreachable, ClosedBy::local});
    REQUIRE(batch.events.size() == 2);
    CHECK(batch.events[1].value == 101);
}

TEST_CASE("table: one socket, two connections") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.apply(
        summary(CTRACK_CLOSE, 2'000'000, TCP_STATE_SYN_SENT, TCP_STATE_CLOSE, ECONNREFUSED));
    auto again = summary(CTRACK_CONNECT, 3'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT);
    again.event.generation = 2;
    again.opened_ns = 3'000'000;
    table.apply(again);
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 2);
    CHECK(batch.connections[0].ending == Ending{Outcome::refused, ClosedBy::peer});
    CHECK(batch.connections[1].ending.outcome == Outcome::open);
    CHECK(batch.connections[1].id == 51);
}

TEST_CASE("table: an event of a connection whose start was lost still counts") {
    auto table = make_table();
    table.apply(event(CTRACK_STATE, 5'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_CLOSE_WAIT));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK_FALSE(batch.connections[0].has_summary);
    CHECK(batch.connections[0].summary.event.cookie == 7);
    CHECK(batch.connections[0].summary.event.generation == 1);
    CHECK(batch.events.size() == 1);
}

TEST_CASE("table: a row says that it was written before its opening was known") {
    auto table = make_table();
    table.apply(event(CTRACK_STATE, 5'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_CLOSE_WAIT));
    const Batch first = table.take();
    table.apply(summary(CTRACK_CLOSE, 6'000'000, TCP_STATE_LAST_ACK, TCP_STATE_CLOSE));
    const Batch second = table.take();
    REQUIRE(second.connections.size() == 1);
    CHECK_FALSE(first.connections[0].off_batch);
    CHECK(second.connections[0].off_batch);
    CHECK(second.connections[0].opened_us < first.connections[0].opened_us);
}

TEST_CASE("table: the handshake of an accepted connection is told by its event alone") {
    auto table = make_table();
    table.apply(summary(CTRACK_ACCEPT, 1'000'000, TCP_STATE_SYN_RECV, TCP_STATE_ESTABLISHED, 345));
    const Batch batch = table.take();
    CHECK(batch.events[0].value == 345);
    CHECK(batch.connections[0].summary.rtt_samples == 0);
    for (int walk = 0; walk < 2; ++walk) {
        table.begin_walk();
        table.end_walk();
    }
    const Batch lost = table.take();
    CHECK(lost.connections[0].ending.outcome == Outcome::lost);
    CHECK(lost.connections[0].summary.event.value == 0); // which is stored as its errno
}

TEST_CASE("table: a lost connection does not end before it was established") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 5'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.apply(event(CTRACK_ESTABLISHED, 6'000'000, TCP_STATE_SYN_SENT, TCP_STATE_ESTABLISHED));
    for (int walk = 0; walk < 2; ++walk) {
        table.begin_walk();
        REQUIRE(table.end_walk());
    }
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].ending.outcome == Outcome::lost);
    CHECK(batch.connections[0].closed_us == batch.connections[0].established_us);
}

TEST_CASE("table: a lost connection does not end before its last sample") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 5'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.apply(rtt(7'000'000, 10));
    for (int walk = 0; walk < 2; ++walk) {
        table.begin_walk();
        REQUIRE(table.end_walk());
    }
    CHECK(table.take().connections[0].closed_us == offset_us + 7000);
}

TEST_CASE("table: rows that are written again say that no batch of the new file leads to them") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 5'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    const Batch before = table.take();
    CHECK_FALSE(before.connections[0].off_batch);
    CHECK(before.connections[0].start_kind == StartKind::seen);
    table.write_again();
    const Batch again = table.take();
    REQUIRE(again.connections.size() == 1);
    CHECK(again.connections[0].off_batch);
    CHECK(again.connections[0].start_kind == StartKind::preexisting);
    CHECK(again.connections[0].opened_us == before.connections[0].opened_us);
}

TEST_CASE("table: says when a batch is full") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    for (int i = 0; i < 262'143; ++i)
        table.apply(rtt(2'000'000, 20));
    CHECK_FALSE(table.samples_full());
    table.apply(rtt(2'000'000, 20));
    CHECK(table.samples_full());
    for (int i = 0; i < 65'534; ++i)
        table.apply(event(CTRACK_RTO, 2'000'000, TCP_STATE_SYN_SENT, TCP_STATE_SYN_SENT));
    CHECK_FALSE(table.events_full());
    table.apply(event(CTRACK_RTO, 2'000'000, TCP_STATE_SYN_SENT, TCP_STATE_SYN_SENT));
    CHECK(table.events_full());
    table.take();
    CHECK_FALSE(table.samples_full());
    CHECK_FALSE(table.events_full());
}

TEST_CASE("table: connections fill a batch too, though nothing makes an event of them") {
    const auto checkpoint = [](auto& table, std::uint64_t cookie) {
        auto met = checkpoint_of(1'000'000, 1);
        met.event.cookie = cookie;
        table.apply(met);
    };
    const auto sample = [](auto& table, std::uint64_t cookie) {
        auto taken = rtt(1'000'000, 20);
        taken.cookie = cookie;
        table.apply(taken);
    };
    const auto attempt = [](auto& table, std::uint64_t cookie) {
        auto failed = summary(CTRACK_ATTEMPT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_CLOSE);
        failed.event.cookie = cookie;
        table.apply(failed);
    };
    auto table = make_table();
    for (std::uint64_t cookie = 1; cookie <= 65'535; ++cookie)
        cookie % 3 == 0   ? checkpoint(table, cookie)
        : cookie % 3 == 1 ? sample(table, cookie)
                          : attempt(table, cookie);
    CHECK(table.walk_full());
    CHECK_FALSE(table.events_full());
    CHECK_FALSE(table.samples_full());
    sample(table, 65'536);
    CHECK(table.events_full());
    CHECK(table.samples_full());
    CHECK(table.take().connections.size() == 65'536);
    CHECK_FALSE(table.walk_full());
}

TEST_CASE("table: a walk leaves half of a batch to others") {
    auto table = make_table();
    for (std::uint64_t cookie = 1; cookie <= 32'768; ++cookie) {
        CHECK_FALSE(table.walk_full());
        auto met =
            summary(CTRACK_PREEXISTING, 1'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED);
        met.event.cookie = cookie;
        table.apply(met);
    }
    CHECK(table.walk_full());
    CHECK_FALSE(table.events_full());
}

TEST_CASE("table: more connections are lost at once than a batch holds") {
    auto table = make_table();
    constexpr std::size_t count = 100'000;
    for (std::uint64_t cookie = 1; cookie <= count; ++cookie) {
        auto connect = summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT);
        connect.event.cookie = cookie;
        table.apply(connect);
        if (table.events_full())
            table.take();
    }
    table.take();
    for (int walk = 0; walk < 2; ++walk) {
        CHECK(table.open_count() == count);
        table.begin_walk();
        if (walk == 0)
            CHECK(table.end_walk());
    }
    CHECK_FALSE(table.end_walk());
    CHECK(table.take().connections.size() == 65'536);
    CHECK(table.end_walk());
    CHECK(table.take().connections.size() == count - 65'536);
    CHECK(table.open_count() == 0);
}

TEST_CASE("table: listeners fill a batch too, though they make no events") {
    auto table = make_table();
    for (int i = 0; i < 32'768; ++i) {
        CHECK_FALSE(table.events_full());
        table.apply(summary(CTRACK_LISTENER, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_LISTEN));
        table.apply(summary(CTRACK_LISTENER, 1'000'000, TCP_STATE_LISTEN, TCP_STATE_CLOSE));
    }
    CHECK(table.events_full());
    table.take();
    CHECK_FALSE(table.events_full());
}

TEST_CASE("table: what only a walk has changed is written in parts, in the order of ids") {
    auto table = make_table();
    constexpr std::uint64_t count = 20'000; // more than one part
    for (std::uint64_t cookie = 1; cookie <= count; ++cookie)
        table.apply(
            summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT, 0, cookie));
    CHECK(table.take().connections.size() == count);
    CHECK_FALSE(table.has_more());
    table.begin_walk({.refreshes = true, .has_intervals = false});
    for (std::uint64_t cookie = count; cookie >= 1; --cookie) {
        auto checkpoint = checkpoint_of(2'000'000, 5);
        checkpoint.event.cookie = cookie;
        table.apply(checkpoint);
    }
    const Batch first = table.take();
    REQUIRE(first.connections.size() == 16'384);
    CHECK(first.connections.front().id == 50);
    CHECK(std::ranges::is_sorted(first.connections, {}, [](const auto& row) { return row.id; }));
    REQUIRE(table.has_more());
    CHECK(table.take().connections.size() == count - 16'384);
    CHECK_FALSE(table.has_more());
    CHECK(table.take().empty());
}

TEST_CASE("table: a connection that waits to be written and closes is written once") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.take();
    table.apply(checkpoint_of(2'000'000, 5));
    table.apply(close_of(9'000'000));
    table.samples_read();
    table.samples_read();
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].closed_us == offset_us + 9000);
    CHECK_FALSE(table.has_more());
}

TEST_CASE("table: rows are in the order of ids, attempts among them") {
    auto table = make_table();
    auto attempt = summary(CTRACK_ATTEMPT, 2'000'000, TCP_STATE_CLOSE, TCP_STATE_CLOSE, 101, 9);
    attempt.event.generation = 0;
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT, 0, 1));
    table.apply(attempt);
    table.apply(summary(CTRACK_CONNECT, 3'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT, 0, 2));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 3);
    CHECK(std::ranges::is_sorted(batch.connections, {}, [](const auto& row) { return row.id; }));
    CHECK(batch.connections[1].summary.event.cookie == 9);
}

TEST_CASE("table: the memory of a batch that was written is used again, not what a burst took") {
    auto table = make_table();
    for (unsigned i = 0; i < 1000; ++i)
        table.apply(rtt(i, 20));
    Batch batch = table.take();
    const auto* memory = batch.rtt_samples.data();
    table.reuse(std::move(batch));
    table.apply(rtt(1000, 20));
    Batch next = table.take();
    CHECK(next.rtt_samples.size() == 1);
    CHECK(next.rtt_samples.data() == memory);
    table.reuse(std::move(next));
    table.apply(rtt(1001, 20));
    CHECK(table.take().rtt_samples.capacity() < 1000);
}

namespace {

ctrack_requested requested(std::uint64_t time_ns) {
    ctrack_requested r{};
    r.event = event(CTRACK_REQUESTED, time_ns, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT);
    inet_pton(AF_INET6, "::ffff:10.96.0.1", r.address);
    r.port = 80;
    return r;
}

} // namespace

TEST_CASE("table: what connect() asked for stays with the connection, and is no event") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    table.apply(requested(1'000'000));
    CHECK(table.take().events.size() == 1);
    table.apply(close_of(9'000'000));
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    REQUIRE(batch.connections[0].aliases);
    CHECK(batch.connections[0].aliases->requested == Endpoint::of(requested(0).address, 80));
    CHECK(!batch.connections[0].is_translated());
}

TEST_CASE("table: a connection is settled once it is established, and only once") {
    auto table = make_table();
    table.apply(summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT));
    CHECK(table.settled().empty());
    table.take();
    table.apply(event(CTRACK_ESTABLISHED, 2'000'000, TCP_STATE_SYN_SENT, TCP_STATE_ESTABLISHED));
    const auto rows = table.settled();
    REQUIRE(rows.size() == 1);
    rows[0]->aliases = std::make_shared<const Aliases>(Aliases{
        .requested = {}, .nat_local = {}, .nat_peer = Endpoint::of(requested(0).address, 80)});
    table.take();
    table.apply(close_of(9'000'000));
    CHECK(table.settled().empty());
    CHECK(table.take().connections.at(0).is_translated());
}

TEST_CASE("table: the name of an interface outlives the interface") {
    auto table = make_table();
    auto connect = summary(CTRACK_CONNECT, 1'000'000, TCP_STATE_CLOSE, TCP_STATE_SYN_SENT);
    connect.ifindex = 3;
    std::strcpy(connect.interface, "eth1");
    table.apply(connect);
    auto close = close_of(9'000'000);
    close.ifindex = 3;
    table.apply(close);
    CHECK(table.take().connections.at(0).summary.interface == std::string("eth1"));
}
