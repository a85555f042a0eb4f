// SPDX-License-Identifier: Apache-2.0
//
// The file within its limits, through the real writer.
#include "recorder/store/retention/retention.h"

#include <chrono>
#include <cstdio>
#include <filesystem>

#include <unistd.h>

#include "recorder/store/writer.h"
#include "schema/schema.h"
#include "tests/catch.h"
#include "tests/unit/full_disk.h"
#include "tests/unit/sql.h"
#include "tests/unit/temporary_folder.h"
#include "tests/unit/traffic.h"

using namespace ctrack;
using namespace ctrack::test;

namespace {

constexpr std::int64_t mebibyte = 1 << 20;

const RecordingInfo info{.host = {"host-id", "host", "boot", "6.1.0"},
                         .version = "1.2.3",
                         .cgroup_path = "/sys/fs/cgroup",
                         .rtt_mode = "every",
                         .adoption = "callbacks",
                         .connect_errors = "tracepoint",
                         .options = "db=x\n",
                         .clock_offset_us = 0,
                         .started_us = second_us,
                         .heartbeat_interval_us = 10'000'000};

void write(Writer& writer, const Batch& batch, std::int64_t committed_us) {
    writer.wait_for_locks(std::chrono::seconds(30)); // however slow the disk
    REQUIRE(writer.begin());
    writer.write(batch, committed_us);
}

/// As du sees it.
std::int64_t bytes_on_disk(const std::string& path) {
    std::error_code none;
    const auto log = std::filesystem::file_size(path + "-wal", none);
    return static_cast<std::int64_t>(std::filesystem::file_size(path) + (none ? 0 : log));
}

std::int64_t orphans(SQLite::Database& db, const std::string& table) {
    return number(db, "SELECT count(*) FROM " + table +
                          " WHERE connection_id NOT IN (SELECT id FROM connections)");
}

void check_whole(SQLite::Database& db) {
    CHECK(text(db, "PRAGMA integrity_check") == "ok");
    CHECK(number(db, "SELECT count(*) FROM pragma_foreign_key_check") == 0);
    for (const std::string row : {"event", "rtt_sample", "interval"}) {
        const std::string table = row + "s";
        INFO(table);
        CHECK(orphans(db, table) == 0);
        CHECK(number(db, "SELECT count(*) FROM " + table) ==
              number(db, "SELECT coalesce(sum(last_" + row + "_id - first_" + row +
                             "_id + 1), 0) FROM batches"));
        CHECK(number(db, "SELECT coalesce(min(id), 0) FROM " + table) ==
              number(db, "SELECT coalesce(min(first_" + row + "_id), 0) FROM batches"));
    }
}

// All from the horizon on is there: as many as were written in that time.
void check_horizon(SQLite::Database& db, const std::string& kind, const std::string& table,
                   std::int64_t written) {
    INFO(kind);
    CHECK(number(db, "SELECT count(*) + (SELECT deleted_rows FROM retention WHERE kind = '" + kind +
                         "') FROM " + table) == written);
    CHECK(number(db, "SELECT kept_from_us > 0 FROM retention WHERE kind = '" + kind + "'") == 1);
}

struct Run {
    std::int64_t largest = 0, events = 0, samples = 0, intervals = 0;
    double longest_ms = 0, all_ms = 0;
    int commits = 0;
};

// Writes until so many bytes of rows, roughly, have gone through.
Run record(Writer& writer, Traffic& host, const std::string& path, std::int64_t bytes,
           int connections, int samples) {
    Run run;
    for (std::int64_t written = 0; written < bytes;) {
        const Batch batch = host.next(connections, samples);
        const auto start = std::chrono::steady_clock::now();
        write(writer, batch, host.now_us());
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - start;
        run.longest_ms = std::max(run.longest_ms, took.count());
        run.all_ms += took.count();
        run.largest = std::max(run.largest, bytes_on_disk(path));
        run.events += static_cast<std::int64_t>(batch.events.size());
        run.samples += static_cast<std::int64_t>(batch.rtt_samples.size());
        run.intervals += static_cast<std::int64_t>(batch.intervals.size());
        written +=
            static_cast<std::int64_t>(batch.rtt_samples.size() * 27 + batch.events.size() * 26 +
                                      batch.intervals.size() * 26 + batch.connections.size() * 350);
        ++run.commits;
    }
    return run;
}

void show(const char* name, const Run& run) {
    std::printf("%s: %d commits, %.2f ms each, longest %.2f ms, largest size %.2f MiB\n", name,
                run.commits, run.all_ms / run.commits, run.longest_ms,
                static_cast<double>(run.largest) / mebibyte);
}

} // namespace

TEST_CASE("retention: twenty times the limit, of everything") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t limit = 4 * mebibyte;
    Writer writer(path, info, {.max_bytes = limit});
    Traffic host(writer.first_ids().connection);
    const Run run = record(writer, host, path, 20 * limit, 200, 10);
    show("everything", run);
    CHECK(run.largest <= limit);
    CHECK(run.largest > limit / 2);

    auto db = schema::open_for_reading(path);
    check_whole(db);
    check_horizon(db, "events", "events", run.events);
    check_horizon(db, "rtt_samples", "rtt_samples", run.samples);
    check_horizon(db, "intervals", "intervals", run.intervals);
    for (const std::string table : {"events", "rtt_samples"})
        CHECK(number(db, "SELECT max(connection_id) FROM " + table) == host.last_id());
    CHECK(number(db, "SELECT max(id) FROM connections") == host.last_id());
    CHECK(number(db, "SELECT count(*) FROM connections WHERE outcome = 'open'") >
          host.last_id() / 1000 - 2); // none of those that are still open has gone
    CHECK(number(db, "SELECT count(*) FROM connections") < host.last_id() / 4);
    CHECK(number(db, "SELECT count(*) FROM processes") <
          2 * number(db, "SELECT count(*) FROM connections") + 10'000);
    CHECK(number(db, "SELECT count(*) FROM batches") < run.commits / 2);
    CHECK(number(db, "SELECT count(*) FROM connections WHERE outcome = 'lost' AND id < 1000") == 0);
}

TEST_CASE("retention: twenty times the limit, nearly all samples") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t limit = 8 * mebibyte;
    Writer writer(path, info, {.max_bytes = limit});
    Traffic host(writer.first_ids().connection);
    const Run run = record(writer, host, path, 20 * limit, 2, 3000);
    show("samples", run);
    CHECK(run.largest <= limit);
    auto db = schema::open_for_reading(path);
    check_whole(db);
    check_horizon(db, "rtt_samples", "rtt_samples", run.samples);
    // what is small outlives them
    CHECK(number(db, "SELECT min(id) FROM events") == 1);
    CHECK(number(db, "SELECT count(*) FROM connections") == host.last_id());
    CHECK(number(db, "SELECT count(*) FROM retention WHERE kept_from_us IS NULL") == 5);
}

TEST_CASE("retention: limits that change while the file is written") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t limit = 4 * mebibyte;
    Writer writer(path, info);
    auto db = schema::open_for_reading(path);
    Traffic host(writer.first_ids().connection);
    const auto pages_in_use = [&] {
        return number(db, "SELECT page_count - freelist_count FROM pragma_page_count, "
                          "pragma_freelist_count") *
               number(db, "PRAGMA page_size");
    };
    record(writer, host, path, 3 * limit, 200, 10);
    CHECK(pages_in_use() > 2 * limit);
    writer.change({.options = "", .heartbeat_interval_us = 1, .limits = {.max_bytes = limit}});
    record(writer, host, path, 3 * limit, 200, 10);
    CHECK(pages_in_use() <= limit);
    check_whole(db);
    writer.change({.options = "", .heartbeat_interval_us = 1, .limits = {}});
    record(writer, host, path, 3 * limit, 200, 10);
    CHECK(pages_in_use() > 2 * limit);
    check_whole(db);
}

TEST_CASE("retention: what a commit that failed had deleted is still there") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t limit = 2 * mebibyte;
    Writer writer(path, info, {.max_bytes = limit});
    auto db = schema::open_for_reading(path);
    Traffic host(writer.first_ids().connection);
    Run all = record(writer, host, path, 2 * limit, 200, 10);
    for (int i = 0; i < 20; ++i) {
        const Batch never_written = Traffic(host).next(400, 10);
        {
            REQUIRE(writer.begin());
            const FullDisk disk;
            CHECK_THROWS_AS(writer.write(never_written, host.now_us()), Error);
        }
        const Run run = record(writer, host, path, 1, 200, 10);
        CHECK(run.largest <= limit);
        check_whole(db);
        all.events += run.events;
        all.samples += run.samples;
    }
    check_horizon(db, "events", "events", all.events);
    check_horizon(db, "rtt_samples", "rtt_samples", all.samples);
}

TEST_CASE("retention: without samples the rest has its room all the same") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t limit = 4 * mebibyte;
    Writer writer(path, info, {.max_bytes = limit});
    Traffic host(writer.first_ids().connection);
    const Run run = record(writer, host, path, 10 * limit, 100, 0);
    show("no samples", run);
    CHECK(run.largest <= limit);
    auto db = schema::open_for_reading(path);
    check_whole(db);
}

TEST_CASE("retention: by age") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t age_us = 100 * second_us;
    Writer writer(path, info, {.max_age_us = age_us});
    Traffic host(writer.first_ids().connection);
    for (int i = 0; i < 1000; ++i)
        write(writer, host.next(20, 5), host.now_us());
    auto db = schema::open_for_reading(path);
    check_whole(db);
    const auto oldest = std::to_string(host.now_us() - age_us - second_us);
    CHECK(number(db, "SELECT min(time_us) > " + oldest + " FROM events") == 1);
    CHECK(number(db, "SELECT min(time_us) > " + oldest + " FROM rtt_samples") == 1);
    CHECK(number(db, "SELECT count(*) FROM rtt_samples") >= 100 * 100);
    // a sweep begins every ten seconds
    CHECK(number(db, "SELECT min(closed_us) > " + oldest + " - 11000000 FROM connections") == 1);
    // a batch stays as long as one of its connections does
    CHECK(number(db, "SELECT count(*) FROM batches WHERE committed_us < " + oldest +
                         " - 11000000 AND NOT EXISTS (SELECT * FROM connections WHERE id BETWEEN "
                         "first_connection_id AND last_connection_id)") == 0);
    CHECK(number(db,
                 "SELECT kept_from_us <= min(time_us) AND kept_from_us > min(time_us) - 1000000 "
                 "FROM events, retention r WHERE r.kind = 'events'") == 1);
}

TEST_CASE("retention: queues and counters go by age, and before the listener that they name") {
    const TemporaryFolder folder;
    constexpr std::int64_t age_us = 100 * second_us;
    Writer writer(folder / "a.db", info, {.max_age_us = age_us});
    Traffic host(writer.first_ids().connection);
    for (int i = 1; i <= 1000; ++i) {
        Batch batch = host.next(1, 1);
        const std::int64_t until_us = host.now_us() - 50;
        // Each listens for 30 s, and what it dropped is told until its end.
        const std::int64_t listener = (i + 29) / 30;
        batch.listeners = {
            {listener, StartKind::seen, until_us, {}, summary(CTRACK_LISTENER, 1, 7, 10)}};
        if (i % 30 == 0)
            batch.listeners[0].closed_us = until_us;
        batch.accept_queues = {{listener, until_us - second_us, until_us, 0, 1, 1, 1}};
        batch.netns_counters = {{5, until_us - second_us, until_us, {.resets_sent = 1}}};
        write(writer, batch, host.now_us());
    }
    auto db = schema::open_for_reading(folder / "a.db");
    check_whole(db);
    const auto oldest = std::to_string(host.now_us() - age_us);
    for (const std::string table : {"accept_queues", "netns_counters"}) {
        INFO(table);
        CHECK(number(db, "SELECT min(until_us) > " + oldest + " - 12000000 FROM " + table) == 1);
        CHECK(number(db, "SELECT count(*) FROM " + table) >= 100);
    }
    CHECK(number(db, "SELECT count(*) FROM listeners") < 1000 / 30);
}

TEST_CASE("retention: many rows of queues and counters keep within the limit") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t limit = 4 * mebibyte;
    Writer writer(path, info, {.max_bytes = limit});
    Traffic host(writer.first_ids().connection);
    std::int64_t largest = 0;
    for (int i = 0; i < 400; ++i) {
        Batch batch = host.next(10, 10);
        batch.listeners = {{1, StartKind::seen, second_us, {}, summary(CTRACK_LISTENER, 1, 7, 10)}};
        for (int row = 0; row < 500; ++row) {
            const std::int64_t from_us = host.now_us() - second_us + row;
            batch.accept_queues.push_back({1, from_us, from_us + 1, 0, 1, 1, 1});
            batch.netns_counters.push_back({5, from_us, from_us + 1, {.resets_sent = 1}});
        }
        write(writer, batch, host.now_us());
        largest = std::max(largest, bytes_on_disk(path));
    }
    CHECK(largest <= limit);
    auto db = schema::open_for_reading(path);
    check_whole(db);
    for (const std::string table : {"accept_queues", "netns_counters"}) {
        INFO(table);
        CHECK(number(db, "SELECT count(*) FROM " + table) > 1000);
        CHECK(number(db, "SELECT max(until_us) FROM " + table) == host.now_us() - second_us + 500);
    }
}

TEST_CASE("retention: no connection gets an id that a batch which is still there speaks of") {
    const TemporaryFolder folder;
    {
        Writer writer(folder / "a.db", info, {.max_age_us = second_us});
        Traffic host(writer.first_ids().connection);
        Batch batch = host.next(20, 0), later;
        batch.events.clear();
        write(writer, batch, host.now_us());
        later.losses.sample_ring = 1;
        write(writer, later, host.now_us() + 100 * second_us);
    }
    Writer writer(folder / "a.db", info);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "SELECT count(*) FROM connections") == 0);
    CHECK(number(db, "SELECT last_connection_id FROM batches ORDER BY id LIMIT 1") == 20);
    CHECK(writer.first_ids().connection == 21);
}

TEST_CASE("retention: an older recording goes first, whatever its clock said") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t limit = 4 * mebibyte;
    std::int64_t last_id = 0;
    for (int run = 0; run < 3; ++run) { // the clock is set back each time
        Writer writer(path, info, {.max_bytes = limit});
        Traffic host(writer.first_ids().connection);
        CHECK(writer.first_ids().connection == last_id + 1);
        CHECK(record(writer, host, path, 2 * limit, 100, 10).largest <= limit);
        last_id = host.last_id();
        auto db = schema::open_for_reading(path);
        check_whole(db);
        CHECK(number(db, "SELECT max(connection_id) FROM events") == last_id);
    }
    auto db = schema::open_for_reading(path);
    CHECK(number(db, "SELECT count(*) FROM connections WHERE recording_id = 1") == 0);
    CHECK(number(db, "SELECT count(*) FROM recordings") == 3);
}

TEST_CASE("retention: a file above the limit is brought down in steps and does not grow") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t limit = 4 * mebibyte;
    {
        Writer writer(path, info);
        Traffic host(1);
        record(writer, host, path, 3 * limit, 100, 10);
        writer.finish(host.now_us());
    }
    const auto before = bytes_on_disk(path);
    REQUIRE(before > 2 * limit);
    Writer writer(path, info, {.max_bytes = limit});
    Traffic host(writer.first_ids().connection);
    CHECK(record(writer, host, path, 2 * limit, 100, 10).largest <= before + limit / 2);
    auto db = schema::open_for_reading(path);
    check_whole(db);
    CHECK(number(db, "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
                     "pragma_freelist_count, pragma_page_size") <= limit);
}

TEST_CASE("retention: who runs is kept, and nobody's id is given twice") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info, {.max_bytes = 4 * mebibyte});
    Traffic host(writer.first_ids().connection);
    Batch batch = host.next(10, 10);
    ctrack_owner self{};
    self.pid = static_cast<std::uint32_t>(getpid());
    batch.processes.push_back({self, "/self", "self", 0, 1});
    batch.cgroups = {{5, "/"}, {6, "/gone"}};
    write(writer, batch, host.now_us());
    record(writer, host, path, 20 * mebibyte, 100, 10);
    auto db = schema::open_for_reading(path);
    check_whole(db);
    CHECK(number(db, "SELECT count(*) FROM processes WHERE exe = '/self'") == 1);
    CHECK(rows(db, "SELECT id FROM processes WHERE id < 10") == Rows{{"0"}});
    CHECK(number(db, "SELECT count(*) FROM cgroups WHERE path = '/'") == 1);
    CHECK(number(db, "SELECT count(*) FROM cgroups WHERE path = '/gone'") == 0);
    CHECK(number(db, "SELECT count(*) FROM connections WHERE process_id = 0") == 0);
}

TEST_CASE("retention: a log that a reader keeps stops the writer within the limit") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    constexpr std::int64_t limit = 8 * mebibyte;
    Writer writer(path, info, {.max_bytes = limit});
    Traffic host(writer.first_ids().connection);
    write(writer, host.next(10, 10), host.now_us());
    writer.wait_for_locks(std::chrono::milliseconds(300));
    auto reader = schema::open_for_reading(path);
    reader.exec("BEGIN");
    CHECK(number(reader, "SELECT count(*) FROM batches") == 1);
    int commits = 0;
    for (; commits < 1000 && writer.begin(); ++commits) {
        writer.write(host.next(100, 10), host.now_us());
        CHECK(bytes_on_disk(path) <= limit);
    }
    CHECK(commits > 3);
    CHECK(commits < 1000);
    CHECK(writer.log_is_full());
    CHECK(number(reader, "SELECT count(*) FROM batches") == 1);
    reader.exec("COMMIT");
    writer.wait_for_locks(std::chrono::seconds(10));
    CHECK(writer.begin());
    CHECK_FALSE(writer.log_is_full());
    writer.write(host.next(100, 10), host.now_us());
    CHECK(number(reader, "SELECT count(*) FROM batches") == commits + 2);
}
