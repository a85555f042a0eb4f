// SPDX-License-Identifier: Apache-2.0
//
// A connection that goes on in the next recording, through real files and the connection table.
#include "recorder/store/left_off.h"

#include "recorder/fold/connection_table.h"
#include "schema/schema.h"
#include "tests/catch.h"
#include "tests/unit/sql.h"
#include "tests/unit/temporary_folder.h"
#include "tests/unit/writer_records.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

constexpr std::int64_t second_us = 1'000'000;

ConnectionRow row_with(std::int64_t bytes_sent, std::int64_t counters_us) {
    ConnectionRow row = open_row(1);
    row.summary.bytes_sent = static_cast<std::uint64_t>(bytes_sent);
    row.counters_us = counters_us;
    row.has_intervals = true;
    return row;
}

Batch with_interval(Batch batch, std::int64_t bytes_sent, std::int64_t until_us) {
    batch.intervals = {{1, bytes_sent, 10, 3 << 7 | 2, std::int64_t{1} << 42}};
    batch.intervals_from_us = until_us - second_us;
    batch.intervals_until_us = until_us;
    return batch;
}

/// The recording of a recorder that has told 1000 bytes in its row, and 500 since then.
void write_recording(Writer& writer) {
    const auto moved = [&writer](const Batch& batch, std::int64_t bytes, std::int64_t second) {
        write(writer, with_interval(batch, bytes, second * second_us), second * second_us + 1);
    };
    moved(batch_with({row_with(1000, 10 * second_us)}), 1000, 10);
    moved({}, 300, 11);
    moved({}, 200, 12);
}

ctrack_summary met_again(std::uint64_t bytes_sent) {
    auto s =
        summary(CTRACK_PREEXISTING, 20'000'000'000, TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED);
    s.opened_ns = 0;
    s.bytes_sent = bytes_sent;
    s.bytes_received = 20;
    s.segs_sent = 9;
    s.segs_received = 6;
    s.retrans_segs = 2;
    return s;
}

} // namespace

TEST_CASE("left off: a killed recorder has told what its rows and its newer intervals say") {
    const TemporaryFolder folder;
    {
        Writer writer(folder / "a.db", info);
        write_recording(writer);
    }
    const LeftOffs left_off = Writer(folder / "a.db", info).left_off();
    REQUIRE(left_off.size() == 1);
    const LeftOff& one = left_off.at(7);
    CHECK(one.counters.bytes_sent == 1500);
    CHECK(one.counters.bytes_received == 20);
    CHECK(one.counters.segs_sent == 6);
    CHECK(one.counters.retrans_segs == 2);
    CHECK(one.until_us == 12 * second_us);
}

TEST_CASE("left off: a step of the wall clock between two recordings is no time that went by") {
    const TemporaryFolder folder;
    {
        Writer writer(folder / "a.db", info);
        write_recording(writer);
    }
    RecordingInfo stepped = info;
    stepped.clock_offset_us += 3600 * second_us;
    CHECK(Writer(folder / "a.db", stepped).left_off().at(7).until_us == 3612 * second_us);
    {
        Writer writer(folder / "b.db", stepped);
        write_recording(writer);
        writer.finish(13 * second_us);
    }
    CHECK(Writer(folder / "b.db", info).left_off().at(7).until_us == -3587 * second_us);
}

TEST_CASE("left off: the intervals of a killed recorder count however long ago that was") {
    const TemporaryFolder folder;
    {
        Writer writer(folder / "a.db", info);
        write_recording(writer);
    }
    {
        Writer of_other_sockets(folder / "a.db", info);
        for (std::int64_t second = 100; second < 400; ++second) {
            Batch batch = with_interval({}, 70, second * second_us);
            batch.intervals[0].connection_id = 2;
            write(of_other_sockets, batch, second * second_us + 1);
        }
    }
    const LeftOffs left_off = Writer(folder / "a.db", info).left_off();
    REQUIRE(left_off.size() == 1);
    CHECK(left_off.at(7).counters.bytes_sent == 1500);
    CHECK(left_off.at(7).until_us == 12 * second_us);
}

TEST_CASE("left off: a recorder that has ended in order left off then, by its rows") {
    const TemporaryFolder folder;
    {
        Writer writer(folder / "a.db", info);
        write_recording(writer);
        write(writer, batch_with({row_with(1500, 12 * second_us)}), 12 * second_us + 2);
        writer.finish(13 * second_us);
    }
    const LeftOffs left_off = Writer(folder / "a.db", info).left_off();
    REQUIRE(left_off.size() == 1);
    CHECK(left_off.at(7).counters.bytes_sent == 1500);
    CHECK(left_off.at(7).until_us == 13 * second_us);
}

TEST_CASE("left off: nothing goes on from another boot, nor what has ended") {
    const TemporaryFolder folder;
    {
        Writer writer(folder / "a.db", info);
        write_recording(writer);
    }
    RecordingInfo other = info;
    other.host.boot_id = "another";
    CHECK(Writer(folder / "a.db", other).left_off().empty());
    {
        Writer writer(folder / "a.db", info);
        write(writer, batch_with({closed_row(1)}), 14 * second_us);
    }
    CHECK(Writer(folder / "a.db", info).left_off().empty());
}

TEST_CASE("left off: what has moved since then is one long interval") {
    ConnectionTable table{{.connection = 5, .listener = 1}, 0};
    LeftOff left_off{{}, {.bytes_sent = 1500, .bytes_received = 20}, 12 * second_us};
    std::ranges::copy(met_again(0).peer_address, left_off.peer_address.begin());
    table.carry_on({{7, left_off}});
    table.begin_walk({.began_us = 20 * second_us});
    table.apply(met_again(4500));
    table.all_met();
    const Batch batch = table.take();
    REQUIRE(batch.connections.size() == 1);
    CHECK(batch.connections[0].bytes_sent_before == 1500);
    CHECK(batch.connections[0].bytes_received_before == 20);
    CHECK(batch.connections[0].has_intervals);
    REQUIRE(batch.intervals.size() == 1);
    CHECK(batch.intervals[0].bytes_sent == 3000);
    CHECK(batch.intervals_from_us == 12 * second_us);
    table.begin_walk({.began_us = 21 * second_us});
    auto next = met_again(5000);
    next.event.kind = CTRACK_CHECKPOINT;
    next.event.time_ns = 21'000'000'000;
    table.apply(next);
    table.all_met();
    CHECK(table.take().intervals_from_us == 20 * second_us);
}

TEST_CASE("left off: another peer's connection on that socket is another") {
    ConnectionTable table{{.connection = 5, .listener = 1}, 0};
    table.carry_on({{7, {{}, {.bytes_sent = 1500}, 12 * second_us}}});
    table.begin_walk({.began_us = 20 * second_us});
    table.apply(met_again(4500));
    const Batch batch = table.take();
    CHECK(batch.intervals.empty());
    CHECK(batch.connections[0].bytes_sent_before == 4500);
}

TEST_CASE("writer: the views show what intervals pack") {
    const TemporaryFolder folder;
    Batch batch = batch_with({open_row(1)});
    const std::vector<Counters> moved{
        {.bytes_sent = 5, .bytes_received = 6, .segs_sent = 127, .segs_received = 3},
        {.segs_sent = 700, .segs_received = 4000, .retrans_segs = 9},
        {.segs_sent = 70'000,
         .segs_received = 35'000,
         .busy_ms = 1010,
         .rwnd_limited_ms = 700,
         .sndbuf_limited_ms = 20}};
    for (const Counters& now : moved) {
        Counters told;
        batch.intervals.push_back(tell_moved(1, now, told));
    }
    batch.intervals_from_us = 6 * second_us;
    batch.intervals_until_us = 7 * second_us;
    Writer writer(folder / "a.db", info);
    write(writer, batch, 8 * second_us);
    auto db = schema::open_for_reading(folder / "a.db");
    for (const std::string view : {"intervals", "connection_intervals"})
        CHECK(rows(db, "SELECT from_us, until_us, bytes_sent, bytes_received, segs_sent, "
                       "segs_received, retrans_segs, busy_us, rwnd_limited_us, sndbuf_limited_us "
                       "FROM " +
                           view + " ORDER BY id") ==
              Rows{{"6000000", "7000000", "5", "6", "127", "3", "0", "0", "0", "0"},
                   {"6000000", "7000000", "0", "0", "700", "4000", "9", "0", "0", "0"},
                   {"6000000", "7000000", "0", "0", "70000", "35000", "0", "1010000", "700000",
                    "20000"}});
}
