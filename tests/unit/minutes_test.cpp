// SPDX-License-Identifier: Apache-2.0
//
// The rows of minutes against what happened, in files of the real writer.
#include <chrono>
#include <string>

#include "recorder/store/writer.h"
#include "schema/schema.h"
#include "tests/catch.h"
#include "tests/unit/full_disk.h"
#include "tests/unit/sql.h"
#include "tests/unit/temporary_folder.h"
#include "tests/unit/traffic.h"
#include "tests/unit/writer_records.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

constexpr std::int64_t first_minute = 30'000'000;
constexpr std::int64_t begin_us = first_minute * 60 * second_us;

/// Seen first at the first second of the minute, and with so many bytes at that second.
ConnectionRow moved(std::int64_t id, std::int64_t second, std::uint64_t bytes) {
    ConnectionRow row = open_row(id);
    row.opened_us = begin_us + second_us;
    row.last_seen_us = begin_us + second * second_us;
    row.summary.bytes_sent = bytes;
    return row;
}

ConnectionRow ended(ConnectionRow row, Outcome outcome) {
    row.closed_us = row.last_seen_us;
    row.ending = {outcome, ClosedBy::peer};
    return row;
}

/// Minutes counted from the first.
Rows minutes(const std::string& path, const std::string& columns) {
    auto db = schema::open_for_reading(path);
    return rows(db, "SELECT begin_us / 60000000 - 30000000 AS minute, " + columns +
                        " FROM minutes GROUP BY 1 ORDER BY 1");
}

MinuteRtts rtts(std::int64_t minute, const char* comm, std::initializer_list<std::uint32_t> all) {
    MinuteRtts counted{{.begin_us = begin_us + minute * minute_us}};
    for (std::size_t i = 0; comm[i]; ++i)
        counted.key.comm[i] = comm[i];
    counted.key.service_port = 80;
    counted.key.direction = CTRACK_ACTIVE;
    for (const std::uint32_t rtt_us : all)
        counted.rtts.add(rtt_us);
    return counted;
}

Batch with_rtts(std::vector<MinuteRtts> counted) {
    Batch batch;
    batch.minute_rtts = std::move(counted);
    return batch;
}

} // namespace

TEST_CASE("minutes: what a connection does counts in the minute in which it does") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info);
    write(writer, batch_with({moved(1, 2, 100)}), begin_us + 2 * second_us);
    write(writer, batch_with({moved(1, 59, 130)}), begin_us + 60 * second_us);
    write(writer, batch_with({moved(1, 61, 180)}), begin_us + 62 * second_us);
    write(writer, batch_with({ended(moved(1, 150, 181), Outcome::reset)}),
          begin_us + 150 * second_us);
    CHECK(minutes(path, "sum(connections), sum(opened), sum(reset), sum(bytes_sent), count(*)") ==
          Rows{{"0", "1", "1", "0", "130", "1"},
               {"1", "0", "0", "0", "50", "1"},
               {"2", "0", "0", "1", "1", "1"}});
}

TEST_CASE("minutes: a connection's opening and end move with its owner, its bytes stay") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info);
    const auto of_sh = [](ConnectionRow row) {
        row.summary.owner.pid = 7;
        std::strcpy(row.summary.owner.comm, "sh");
        return row;
    };
    write(writer, batch_with({moved(1, 2, 100)}), begin_us + 2 * second_us);
    write(writer, batch_with({ended(of_sh(moved(1, 3, 130)), Outcome::closed)}),
          begin_us + 3 * second_us);
    const ConnectionRow row = ended(of_sh(moved(1, 3, 130)), Outcome::reset);
    write(writer, batch_with({row}), begin_us + 4 * second_us);
    auto db = schema::open_for_reading(path);
    CHECK(rows(db, "SELECT comm, connections, opened, closed, reset, bytes_sent FROM minutes "
                   "ORDER BY comm") ==
          Rows{{"curl", "0", "0", "0", "0", "100"}, {"sh", "1", "1", "0", "1", "30"}});
}

TEST_CASE("minutes: what was long ago stays with its owner") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info);
    write(writer, batch_with({moved(1, 2, 100)}), begin_us + 2 * second_us);
    write(writer, batch_with({moved(2, 200, 1)}), begin_us + 200 * second_us);
    ConnectionRow row = moved(1, 201, 101);
    std::strcpy(row.summary.owner.comm, "sh");
    write(writer, batch_with({row}), begin_us + 201 * second_us);
    CHECK(minutes(path, "sum(opened), sum(bytes_sent), max(comm)") ==
          Rows{{"0", "2", "100", "curl"}, {"3", "0", "2", "sh"}});
}

TEST_CASE("minutes: what an older connection had moved is of no minute") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info);
    ConnectionRow row = moved(1, 2, 1'000'000);
    row.start_kind = StartKind::preexisting;
    row.bytes_sent_before = 999'300; // it has moved 700 more by the first commit
    row.bytes_received_before = row.summary.bytes_received;
    write(writer, batch_with({row}), begin_us + 2 * second_us);
    row.last_seen_us += 60 * second_us;
    row.summary.bytes_sent += 5;
    write(writer, batch_with({row}), begin_us + 62 * second_us);
    CHECK(minutes(path, "sum(connections), sum(opened), sum(bytes_sent), sum(bytes_received)") ==
          Rows{{"0", "1", "0", "700", "0"}, {"1", "0", "0", "5", "0"}});
}

TEST_CASE("minutes: one that goes on while the recorder is started anew counts once") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    {
        Writer killed(path, info);
        write(killed, batch_with({moved(1, 2, 100)}), begin_us + 2 * second_us);
    }
    Writer writer(path, info);
    ConnectionRow found = moved(2, 70, 120); // the same socket
    found.start_kind = StartKind::preexisting;
    write(writer, batch_with({found}), begin_us + 70 * second_us);
    found.summary.bytes_sent = 150;
    write(writer, batch_with({found}), begin_us + 71 * second_us);
    CHECK(minutes(path, "sum(connections), sum(opened), sum(bytes_sent)") ==
          Rows{{"0", "1", "1", "100"}, {"1", "0", "0", "50"}});
}

TEST_CASE("minutes: a commit that fails counts nothing, and is counted once when it is repeated") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info);
    for (int second = 2; second < 10; ++second) {
        Batch batch = batch_with({moved(1, second, static_cast<std::uint64_t>(second))});
        batch.minute_rtts = {rtts(0, "curl", {100})};
        if (second % 3 == 0) {
            REQUIRE(writer.begin());
            const FullDisk disk;
            CHECK_THROWS_AS(writer.write(batch, begin_us + second * second_us), Error);
        }
        write(writer, batch, begin_us + second * second_us);
    }
    CHECK(minutes(path, "sum(opened), sum(bytes_sent), sum(rtt_samples)") ==
          Rows{{"0", "1", "9", "8"}});
}

TEST_CASE("minutes: round trips are in buckets, whose bounds a view tells") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info);
    write(writer, with_rtts({rtts(0, "curl", {0, 9, 31, 32, 33, 1000})}), begin_us + second_us);
    write(writer, with_rtts({rtts(0, "curl", {1023, 4'294'967'295}), rtts(1, "a\\x5c", {7})}),
          begin_us + 61 * second_us);
    auto db = schema::open_for_reading(path);
    CHECK(rows(db, "SELECT comm, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us FROM minutes "
                   "ORDER BY begin_us") ==
          Rows{{"curl", "8", "4294969423", "0", "4294967295"}, {"a\\x5cx5c", "1", "7", "7", "7"}});
    CHECK(rows(db,
               "SELECT rtt_from_us, rtt_to_us, samples FROM minute_rtts "
               "WHERE comm = 'curl' ORDER BY bucket") == Rows{{"0", "0", "1"},
                                                              {"9", "9", "1"},
                                                              {"31", "31", "1"},
                                                              {"32", "33", "2"},
                                                              {"992", "1023", "2"},
                                                              {"4160749568", "4294967295", "1"}});
}

TEST_CASE("minutes: too many programs and ports are counted for nobody") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info);
    for (std::int64_t i = 0; i < 3; ++i) {
        Batch batch;
        for (std::int64_t port = 1; port <= 1200; ++port) {
            ConnectionRow row = moved(i * 1200 + port, 2, 10);
            row.summary.peer_port = static_cast<std::uint16_t>(port);
            batch.connections.push_back(row);
        }
        write(writer, batch, begin_us + (2 + i) * second_us);
    }
    CHECK(minutes(path, "count(*), sum(opened), sum(bytes_sent), "
                        "sum(opened) FILTER (WHERE service_port = 0)") ==
          Rows{{"0", "1001", "3600", "36000", "600"}});
}

TEST_CASE("minutes: the oldest go when they take more than their share, and none of the newest") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info, {.max_bytes = 8 << 20});
    writer.wait_for_locks(std::chrono::seconds(30)); // however slow the disk
    const std::int64_t last = 800;
    for (std::int64_t minute = 0; minute <= last; ++minute) {
        Batch batch;
        for (std::uint16_t port = 1; port <= 100; ++port) {
            batch.minute_rtts.push_back(rtts(minute, "curl", {10, 100, 1000, 10'000}));
            batch.minute_rtts.back().key.service_port = port;
        }
        write(writer, batch, begin_us + minute * minute_us + second_us);
        CHECK(writer.size_bytes() <= 8 << 20);
    }
    auto db = schema::open_for_reading(path);
    const auto kept = number(db, "SELECT kept_from_us FROM retention WHERE kind = 'minutes'");
    CHECK(number(db, "SELECT min(begin_us) FROM minutes") >= kept - minute_us);
    CHECK(number(db, "SELECT deleted_rows FROM retention WHERE kind = 'minutes'") > 1000);
    CHECK(number(db, "SELECT count(*) + (SELECT deleted_rows FROM retention "
                     "WHERE kind = 'minutes') FROM minutes") == (last + 1) * 100);
    CHECK(number(db, "SELECT max(begin_us) FROM minutes") == begin_us + last * minute_us);
}

TEST_CASE("minutes: outlive samples and connections") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info, {.max_bytes = 8 << 20});
    writer.wait_for_locks(std::chrono::seconds(30)); // however slow the disk
    Traffic host(writer.first_ids().connection);
    for (int i = 0; i < 300; ++i) {
        Batch batch = host.next(200, 5);
        batch.minute_rtts = {rtts(0, "curl", {100, 200})};
        write(writer, batch, host.now_us());
    }
    auto db = schema::open_for_reading(path);
    CHECK(number(db, "SELECT count(*) FROM connections") < 30'000);
    CHECK(number(db, "SELECT sum(connections) FROM minutes") == 60'000);
    CHECK(number(db, "SELECT sum(rtt_samples) FROM minutes") == 600);
    CHECK(number(db, "SELECT deleted_rows FROM retention WHERE kind = 'minutes'") == 0);
}

TEST_CASE("minutes: --max-age takes those that were over before") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info, {.max_age_us = 10 * minute_us});
    for (std::int64_t minute = 0; minute <= 20; ++minute)
        write(writer, with_rtts({rtts(minute, "curl", {1})}),
              begin_us + minute * minute_us + second_us);
    auto db = schema::open_for_reading(path);
    CHECK(rows(db, "SELECT min(begin_us) / 60000000 - 30000000, count(*) FROM minutes") ==
          Rows{{"10", "11"}});
    CHECK(number(db, "SELECT kept_from_us FROM retention WHERE kind = 'minutes'") ==
          begin_us + 10 * minute_us);
}
