// SPDX-License-Identifier: Apache-2.0
//
// When bytes moved: what the connection table makes of walks.
#include <algorithm>
#include <map>

#include "recorder/fold/connection_table.h"
#include "recorder/pace.h"
#include "tests/catch.h"
#include "tests/unit/records.h"

using namespace ctrack;
using namespace ctrack::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::int64_t second_us = 1'000'000;

ctrack_summary counters(ctrack_kind kind, std::uint64_t time_ns, std::uint64_t bytes_sent,
                        std::uint64_t bytes_received = 0, std::uint64_t cookie = 7) {
    auto s = summary(kind, time_ns, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED, 0, cookie);
    s.bytes_sent = bytes_sent;
    s.bytes_received = bytes_received;
    s.segs_sent = static_cast<std::uint32_t>(bytes_sent / 1000);
    s.segs_received = static_cast<std::uint32_t>(bytes_sent / 2000);
    return s;
}

/// A table whose times are those of the records, with one connection, opened in the first second.
struct Host {
    ConnectionTable table{{.connection = 50, .listener = 5}, 0};

    Host() {
        table.apply(counters(CTRACK_CONNECT, second_ns / 2, 0));
        table.take();
    }

    /// A walk in this second, which meets the connection.
    void walk(std::uint64_t second, std::uint64_t bytes_sent, std::uint64_t bytes_received = 0,
              bool refreshes = false) {
        begin(second, refreshes);
        table.apply(
            counters(CTRACK_CHECKPOINT, second * second_ns + 2000, bytes_sent, bytes_received));
        table.all_met();
    }
    void begin(std::uint64_t second, bool refreshes = false) {
        table.begin_walk({.began_us = static_cast<std::int64_t>(second) * second_us,
                          .refreshes = refreshes,
                          .has_intervals = true});
    }
};

/// All that batches tell of a connection, added up.
struct Sum {
    std::int64_t bytes_sent = 0, bytes_received = 0, rows = 0;

    void add(const Batch& batch, std::int64_t connection_id) {
        for (const auto& row : batch.intervals)
            if (row.connection_id == connection_id) {
                bytes_sent += row.bytes_sent;
                bytes_received += row.bytes_received;
                ++rows;
            }
    }
};

} // namespace

TEST_CASE("intervals: a walk tells what has moved since the one before") {
    Host host;
    host.walk(1, 5000, 100);
    host.table.take();
    host.walk(2, 15'000, 300);
    const Batch batch = host.table.take();
    REQUIRE(batch.intervals.size() == 1);
    const IntervalRow& row = batch.intervals[0];
    CHECK(row.connection_id == 50);
    CHECK(row.bytes_sent == 10'000);
    CHECK(row.bytes_received == 200);
    CHECK(row.segs == (10 << 7) + 5);
    CHECK(row.held_up == 0);
    CHECK(batch.intervals_from_us == second_us);
    CHECK(batch.intervals_until_us == 2 * second_us + 2);
    host.walk(3, 15'000, 300); // nothing has moved
    CHECK(host.table.take().empty());
}

TEST_CASE("intervals: what had not moved at a walk has moved since that walk") {
    Host host;
    host.walk(1, 5000);
    host.table.take();
    host.walk(2, 5000);
    host.table.take();
    host.walk(3, 6000);
    const Batch batch = host.table.take();
    REQUIRE(batch.intervals.size() == 1);
    CHECK(batch.intervals[0].bytes_sent == 1000);
    CHECK(batch.intervals_from_us == 2 * second_us);
}

TEST_CASE("intervals: a batch of several walks has one row of a connection") {
    Host host;
    host.walk(1, 1000);
    host.table.take();
    for (unsigned second = 2; second <= 5; ++second)
        host.walk(second, second * 1000);
    const Batch batch = host.table.take();
    REQUIRE(batch.intervals.size() == 1);
    CHECK(batch.intervals[0].bytes_sent == 4000);
    CHECK(batch.intervals_from_us == second_us);
    CHECK(batch.intervals_until_us == 5 * second_us + 2);
}

TEST_CASE("intervals: those of a walk that goes on in the next batch begin with the walk before") {
    Host host;
    host.table.apply(counters(CTRACK_CONNECT, second_ns / 2, 0, 0, 8));
    host.walk(1, 1000);
    host.table.take();
    host.begin(2);
    host.table.apply(counters(CTRACK_CHECKPOINT, 2 * second_ns + 1000, 3000));
    CHECK(host.table.take().intervals_from_us == second_us);
    host.table.apply(counters(CTRACK_CHECKPOINT, 2 * second_ns + 5000, 700, 0, 8));
    host.table.all_met();
    const Batch rest = host.table.take();
    REQUIRE(rest.intervals.size() == 1);
    CHECK(rest.intervals[0].bytes_sent == 700);
    CHECK(rest.intervals_from_us == second_us);
    CHECK(rest.intervals_until_us == 2 * second_us + 5);
    host.walk(3, 4000);
    CHECK(host.table.take().intervals_from_us == 2 * second_us);
}

TEST_CASE("intervals: a connection that ends tells its rest, one that no walk saw move has none") {
    Host host;
    host.walk(1, 1000, 50);
    host.table.take();
    host.table.apply(counters(CTRACK_CONNECT, second_ns + 1000, 0, 0, 8));
    host.table.apply(counters(CTRACK_CLOSE, second_ns + second_ns / 4, 777, 0, 8));
    host.table.apply(counters(CTRACK_CLOSE, second_ns + second_ns / 2, 1500, 80));
    const Batch batch = host.table.take();
    REQUIRE(batch.connections.size() == 2);
    CHECK(batch.connections[0].has_intervals);
    CHECK_FALSE(batch.connections[1].has_intervals);
    REQUIRE(batch.intervals.size() == 1);
    CHECK(batch.intervals[0].bytes_sent == 500);
    CHECK(batch.intervals[0].bytes_received == 30);
    CHECK(batch.intervals_from_us == second_us);
    CHECK(batch.intervals_until_us == second_us + second_us / 2);
}

TEST_CASE("intervals: the row says with the first of them that there are some") {
    Host host;
    host.walk(1, 1000);
    const Batch first = host.table.take();
    REQUIRE(first.connections.size() == 1);
    CHECK(first.connections[0].has_intervals);
    CHECK(first.connections[0].counters_us == first.intervals_until_us);
    CHECK(first.connections[0].bytes_sent_before == 0);
}

TEST_CASE("intervals: rows of connections are written by walks that refresh") {
    Host host;
    host.walk(1, 1000);
    host.table.take();
    for (unsigned second = 2; second < 5; ++second) {
        host.walk(second, second * 1000);
        const Batch batch = host.table.take();
        CHECK(batch.connections.empty());
        CHECK(batch.intervals.size() == 1);
    }
    host.walk(5, 4000, 0, true); // it has not moved since the last walk, but since the last row
    const Batch batch = host.table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].summary.bytes_sent == 4000);
    CHECK(batch.intervals.empty());
    host.walk(6, 4000, 0, true);
    CHECK(host.table.take().empty());
    host.walk(7, 5000);
    host.table.take();
    host.table.end_recording();
    CHECK(host.table.take().connections.size() == 1);
}

TEST_CASE("intervals: a row never says more than its intervals") {
    Host host;
    host.walk(1, 1000);
    Sum sum;
    sum.add(host.table.take(), 50);
    auto accepted = counters(CTRACK_ACCEPT, 2 * second_ns, 1800); // any summary but that of a walk
    host.table.apply(accepted);
    const Batch batch = host.table.take();
    sum.add(batch, 50);
    REQUIRE(batch.connections.size() == 1);
    CHECK(sum.bytes_sent == 1800);
    CHECK(batch.connections[0].counters_us == batch.intervals_until_us);
}

TEST_CASE("intervals: what a connection had moved before it was met is in none") {
    ConnectionTable table{{.connection = 50, .listener = 5}, 0};
    table.begin_walk({.began_us = second_us});
    auto first = counters(CTRACK_PREEXISTING, second_ns + 1000, 900'000, 400);
    first.opened_ns = 0;
    table.apply(first);
    table.all_met();
    Batch batch = table.take();
    CHECK(batch.intervals.empty());
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].bytes_sent_before == 900'000);
    CHECK(batch.connections[0].bytes_received_before == 400);
    CHECK_FALSE(batch.connections[0].has_intervals);

    auto last = counters(CTRACK_CLOSE, 2 * second_ns, 900'700, 400); // no walk saw it move
    last.opened_ns = 0;
    table.apply(last);
    batch = table.take();
    CHECK(batch.intervals.empty());
    CHECK(batch.connections[0].bytes_sent_before == 900'000);
}

TEST_CASE("intervals: what does not fit into a row comes with the next row") {
    constexpr std::uint32_t most = (1 << 21) - 1;
    Counters told;
    const Counters now{
        .bytes_sent = 1, .retrans_segs = most + 5, .busy_ms = 163'850, .rwnd_limited_ms = 300};
    CHECK(tell_moved(1, now, told).held_up ==
          (std::int64_t{most} << 42) + (std::int64_t{30} << 28) + 16'383);
    CHECK(tell_moved(1, now, told).held_up == (std::int64_t{5} << 42) + 2);
    CHECK(tell_moved(1, now, told).held_up == 0);
    CHECK(told == now);
}

TEST_CASE(
    "intervals: what did not fit into a row is told by the next batch, though nothing moves") {
    Host host;
    host.begin(1);
    auto met = counters(CTRACK_CHECKPOINT, second_ns + 2000, 1000);
    met.segs_sent = (1 << 24) + 5;
    host.table.apply(met);
    host.table.all_met();
    CHECK(moved_in(host.table.take().intervals.at(0)).segs_sent == (1 << 24) - 1);
    CHECK(moved_in(host.table.take().intervals.at(0)).segs_sent == 6);
    CHECK(host.table.take().intervals.empty());
}

TEST_CASE("intervals: parts of 10 ms are not lost, nor told of themselves") {
    Host host;
    std::uint32_t told_ms = 0;
    for (unsigned second = 1; second <= 10; ++second) {
        host.begin(second);
        auto met = counters(CTRACK_CHECKPOINT, second * second_ns + 2000, 0);
        met.rwnd_limited_ms = second * 7;
        host.table.apply(met);
        for (const auto& row : host.table.take().intervals)
            told_ms += moved_in(row).rwnd_limited_ms;
        CHECK(told_ms == second * 7 / 10 * 10);
    }
}

TEST_CASE("intervals: both numbers of segments are one") {
    const auto segs = [](std::uint32_t sent, std::uint32_t received) {
        Counters told;
        return tell_moved(1, {.segs_sent = sent, .segs_received = received}, told).segs;
    };
    CHECK(segs(127, 1) == (127 << 7) + 1);
    CHECK(segs(128, 1) == -1 - (128 << 12) - 1);
    CHECK(segs(0, 4095) == -1 - 4095);
    CHECK(segs(4096, 0) == 16384 + (std::int64_t{4096} << 24));
    Counters told;
    tell_moved(1, {.segs_sent = 1 << 24, .segs_received = 1}, told);
    CHECK(told.segs_sent == (1 << 24) - 1); // the rest comes with the next row
}

TEST_CASE("what a row tells is read from it again") {
    for (const std::uint32_t segs : {1U, 127U, 128U, 4095U, 4096U, (1U << 24) - 1}) {
        const Counters moved{.bytes_sent = 1ULL << 40,
                             .bytes_received = 3,
                             .segs_sent = segs,
                             .segs_received = segs / 2,
                             .retrans_segs = (1 << 21) - 1,
                             .busy_ms = 163'830,
                             .rwnd_limited_ms = 300,
                             .sndbuf_limited_ms = 20};
        Counters told;
        CHECK(moved_in(tell_moved(1, moved, told)) == moved);
        CHECK(told == moved);
    }
}

TEST_CASE("intervals: a walk without them has none") {
    Host host;
    host.table.begin_walk({.began_us = second_us, .refreshes = true, .has_intervals = false});
    host.table.apply(counters(CTRACK_CHECKPOINT, second_ns + 2000, 1000));
    const Batch batch = host.table.take();
    CHECK(batch.intervals.empty());
    REQUIRE(batch.connections.size() == 1);
    CHECK_FALSE(batch.connections[0].has_intervals);
}

TEST_CASE("intervals: a walk over very many that move pauses, so that batches stay small") {
    ConnectionTable table{{.connection = 1, .listener = 1}, 0};
    constexpr std::uint64_t count = 40'000;
    for (std::uint64_t cookie = 1; cookie <= count; ++cookie) {
        table.apply(counters(CTRACK_CONNECT, 1'000'000, 0, 0, cookie));
        if (table.events_full())
            table.take();
    }
    table.take();
    for (unsigned second = 1; second <= 2; ++second) { // with the first, the rows are changed too
        table.begin_walk({.began_us = second * second_us, .refreshes = false});
        std::uint64_t cookie = 0, batches = 0, intervals = 0;
        while (cookie < count) {
            while (!table.walk_full() && cookie < count)
                table.apply(
                    counters(CTRACK_CHECKPOINT, second * second_ns, second * 1000, 0, ++cookie));
            const Batch batch = table.take();
            CHECK(batch.intervals.size() <= 16'384);
            intervals += batch.intervals.size();
            ++batches;
        }
        table.all_met();
        CHECK(intervals == count);
        CHECK(batches == 3);
    }
}

TEST_CASE("intervals: in a new file they begin anew, after what the old one has") {
    Host host;
    host.table.apply(counters(CTRACK_CONNECT, second_ns / 2, 0, 0, 8)); // id 51, ends
    host.table.apply(
        counters(CTRACK_CONNECT, second_ns / 2, 0, 0, 9)); // id 52, does not move again
    host.begin(1);
    for (const std::uint64_t cookie : {7, 8, 9})
        host.table.apply(counters(CTRACK_CHECKPOINT, second_ns + 2000, 1000, 10, cookie));
    host.table.all_met();
    host.table.take(); // is in the old file

    host.begin(2);
    host.table.apply(counters(CTRACK_CHECKPOINT, 2 * second_ns + 2000, 3000, 30));
    host.table.apply(counters(CTRACK_CLOSE, 2 * second_ns + 2000, 5000, 50, 8));
    host.table.all_met();
    Batch unwritten = host.table.take(); // goes into the new one
    host.walk(3, 4000, 40);              // waits in the table
    host.table.write_again(&unwritten);

    const Batch next = host.table.take();
    std::map<std::int64_t, ConnectionRow> row;
    for (const Batch* batch : {&std::as_const(unwritten), &next})
        for (const ConnectionRow& one : batch->connections)
            row[one.id] = one;
    for (const std::int64_t id : {50, 51, 52}) {
        Sum sum;
        sum.add(unwritten, id);
        sum.add(next, id);
        CHECK(row[id].has_intervals == (sum.rows > 0));
        CHECK(row[id].bytes_sent_before + sum.bytes_sent == row[id].summary.bytes_sent);
        CHECK(row[id].bytes_received_before + sum.bytes_received == row[id].summary.bytes_received);
        CHECK(row[id].bytes_sent_before == 1000);
        CHECK(row[id].start_kind == StartKind::preexisting);
    }
}

TEST_CASE("pace: walks take one percent of a CPU, at least the floor and at most 10 s apart") {
    CHECK(pace(1000ms, 0us) == 1000ms);
    CHECK(pace(1000ms, 9999us) == 1000ms);
    CHECK(pace(1000ms, 20'000us) == 2000ms);
    CHECK(pace(1000ms, 500ms) == 10'000ms);
    CHECK(pace(100ms, 2ms) == 200ms);
}
