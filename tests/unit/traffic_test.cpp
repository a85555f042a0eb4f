// SPDX-License-Identifier: Apache-2.0
//
// The sums of traffic against what they sum up, in files of the real writer.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>

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

constexpr std::int64_t day_us = 86'400 * second_us;
constexpr std::int64_t noon_us = 20'000 * day_us + day_us / 2;

constexpr const char* counts = R"sql(
sum(connections), sum(opened), sum(closed), sum(refused), sum(timeout), sum(unreachable),
sum(reset), sum(aborted), sum(lost), sum(bytes_sent), sum(bytes_received), sum(retrans_segs),
sum(rtt_samples), sum(rtt_sum_us))sql";

constexpr const char* counts_of_connections = R"sql(
count(*), sum(start_kind = 'seen'), sum(outcome = 'closed'), sum(outcome = 'refused'),
sum(outcome = 'timeout'), sum(outcome = 'unreachable'), sum(outcome = 'reset'),
sum(outcome = 'aborted'), sum(outcome = 'lost'), sum(bytes_sent), sum(bytes_received),
sum(retrans_segs), sum(rtt_samples),
coalesce(sum(rtt_sum_us), 0))sql";

/// Rows of one that the other has not.
std::int64_t differences(SQLite::Database& db, const std::string& a, const std::string& b) {
    const auto lacking = [](const std::string& x, const std::string& y) {
        return "SELECT * FROM (" + x + ") EXCEPT SELECT * FROM (" + y + ")";
    };
    return number(db, "SELECT count(*) FROM (SELECT * FROM (" + lacking(a, b) +
                          ") UNION ALL SELECT * FROM (" + lacking(b, a) + "))");
}

void check_agreement(const std::string& path) {
    auto db = schema::open_for_reading(path);
    CHECK(
        differences(
            db,
            "SELECT comm, peer_address, service_port, direction, " + std::string(counts) +
                " FROM traffic GROUP BY 1, 2, 3, 4 HAVING sum(connections) > 0",
            "SELECT coalesce(comm, ''), coalesce(peer_address, ''), "
            "iif(direction = 'active', peer_port, local_port), direction, " +
                std::string(counts_of_connections) +
                " FROM connections c JOIN processes p ON p.id = process_id GROUP BY 1, 2, 3, 4") ==
        0);
    CHECK(differences(db,
                      "SELECT begin_us / 60000000 AS minute, sum(opened) FROM minutes GROUP BY 1 "
                      "HAVING sum(opened)",
                      "SELECT opened_us / 60000000, count(*) FROM connections GROUP BY 1") == 0);
    CHECK(differences(db,
                      "SELECT begin_us / 60000000 AS minute, sum(closed), sum(reset) FROM minutes "
                      "GROUP BY 1 HAVING sum(closed) + sum(reset)",
                      "SELECT closed_us / 60000000, sum(outcome = 'closed'), sum(outcome = 'reset')"
                      " FROM connections WHERE outcome IN ('closed', 'reset') GROUP BY 1") == 0);
    CHECK(differences(db,
                      "SELECT sum(connections), sum(bytes_sent), sum(bytes_received), "
                      "sum(retrans_segs) FROM minutes",
                      "SELECT count(*), sum(bytes_sent), sum(bytes_received), sum(retrans_segs) "
                      "FROM connections") == 0);
    CHECK(number(db, "SELECT count(*) FROM connections c LEFT JOIN batches b "
                     "ON c.id BETWEEN first_connection_id AND last_connection_id "
                     "AND c.opened_us BETWEEN first_opened_us AND last_time_us "
                     "WHERE b.id IS NULL") == 0);
    CHECK(differences(db, "SELECT connection_id, closed_us FROM long_connections",
                      "SELECT id, closed_us FROM connections "
                      "WHERE closed_us IS NULL OR closed_us - opened_us > 600000000") == 0);
}

/// Connections that grow, end, and now and then get another owner.
class LivingHost {
public:
    Batch next(std::int64_t now_us, int opening) {
        Batch batch;
        for (auto it = open_.begin(); it != open_.end();) {
            ConnectionRow& row = it->second;
            row.last_seen_us = now_us;
            grow(row);
            if (chance(10))
                set_owner(row);
            if (chance(5))
                end(row, now_us);
            batch.connections.push_back(row);
            it = row.closed_us ? open_.erase(it) : std::next(it);
        }
        for (int i = 0; i < opening; ++i) {
            ConnectionRow row = made(now_us);
            if (chance(2))
                end(row, now_us);
            else
                open_.emplace(row.id, row);
            batch.connections.push_back(row);
        }
        return batch;
    }

private:
    bool chance(unsigned one_in) { return random_() % one_in == 0; }

    ConnectionRow made(std::int64_t now_us) {
        ConnectionRow row = open_row(next_id_++);
        row.opened_us = now_us - static_cast<std::int64_t>(random_() % second_us);
        row.summary.event.cookie = static_cast<std::uint64_t>(row.id);
        row.summary.peer_address[15] = static_cast<unsigned char>(random_() % 200);
        row.summary.peer_port = static_cast<std::uint16_t>(chance(2) ? 443 : random_() % 100);
        row.summary.direction = chance(2) ? CTRACK_ACTIVE : CTRACK_PASSIVE;
        set_owner(row);
        grow(row);
        return row;
    }

    void set_owner(ConnectionRow& row) {
        row.summary.owner.pid = static_cast<std::uint32_t>(random_() % 40);
        row.summary.owner.comm[0] = static_cast<char>('a' + row.summary.owner.pid % 4);
    }

    void grow(ConnectionRow& row) {
        ctrack_summary& s = row.summary;
        s.bytes_sent += random_() % 10'000;
        s.bytes_received += random_() % 1000;
        s.retrans_segs += chance(9) ? 1 : 0;
        s.rtt_samples += 3;
        s.rtt_sum_us += random_() % 100'000;
        s.rtt_max_us = 40'000;
    }

    void end(ConnectionRow& row, std::int64_t now_us) {
        row.closed_us = now_us;
        row.ending.outcome = static_cast<Outcome>(1 + random_() % 7);
        row.ending.closed_by = ClosedBy::unknown;
    }

    std::mt19937 random_{1};
    std::int64_t next_id_ = 1;
    std::map<std::int64_t, ConnectionRow> open_;
};

ConnectionRow grown(std::int64_t id, std::uint64_t bytes) {
    ConnectionRow row = open_row(id);
    row.summary.bytes_sent = bytes;
    return row;
}

std::int64_t sent(const std::string& path, const std::string& where = "TRUE") {
    auto db = schema::open_for_reading(path);
    return number(db, "SELECT coalesce(sum(bytes_sent), 0) FROM traffic WHERE " + where);
}

} // namespace

TEST_CASE("traffic: its sums are those of the connections, whatever fails in between") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    LivingHost host;
    std::int64_t now_us = noon_us;
    for (int i = 0; i < 60; ++i) {
        const Batch batch = host.next(now_us += day_us / 20, 300);
        if (i % 7 == 0) {
            REQUIRE(writer.begin());
            const FullDisk disk;
            CHECK_THROWS_AS(writer.write(batch, now_us), Error);
        }
        write(writer, batch, now_us);
        if (i % 10 == 0)
            check_agreement(folder / "a.db");
    }
    check_agreement(folder / "a.db");
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "SELECT count(*) FROM traffic_sums") > 1000); // some were merged
    CHECK(number(db, "SELECT count(DISTINCT begin_us) FROM traffic") == 4);
}

TEST_CASE("traffic: what a connection moves counts on the day it does") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info);
    write(writer, batch_with({grown(1, 100)}), noon_us);
    write(writer, batch_with({grown(1, 130)}), noon_us + second_us);
    write(writer, batch_with({grown(1, 180)}), noon_us + day_us);
    ConnectionRow closed = grown(1, 181);
    closed.closed_us = noon_us + day_us;
    closed.ending = {Outcome::reset, ClosedBy::peer};
    write(writer, batch_with({closed}), noon_us + day_us + second_us);
    auto db = schema::open_for_reading(path);
    CHECK(rows(db, "SELECT begin_us / 86400000000, sum(bytes_sent), sum(connections), sum(reset) "
                   "FROM traffic GROUP BY 1") ==
          Rows{{"20000", "130", "1", "0"}, {"20001", "51", "0", "1"}});
}

TEST_CASE("traffic: one that goes on while the recorder is started anew counts once") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    {
        Writer killed(path, info);
        write(killed, batch_with({grown(1, 100)}), noon_us);
    }
    Writer writer(path, info);
    ConnectionRow found = grown(2, 120); // the same socket
    found.start_kind = StartKind::preexisting;
    write(writer, batch_with({found}), noon_us + second_us);
    found.summary.bytes_sent = 150;
    write(writer, batch_with({found}), noon_us + 2 * second_us);
    CHECK(sent(path) == 150);
    auto db = schema::open_for_reading(path);
    CHECK(number(db, "SELECT sum(connections) FROM traffic") == 1);
    CHECK(number(db, "SELECT sum(opened) FROM traffic") == 1);
}

TEST_CASE(
    "traffic: one that goes on counts once, however long its first batch could not be written") {
    const TemporaryFolder folder;
    ConnectionRow row = open_row(1);
    row.summary.bytes_sent = 100;
    {
        Writer writer(folder / "a.db", info);
        write(writer, batch_with({row}), noon_us);
    }
    Writer writer(folder / "a.db", info);
    row.id = writer.first_ids().connection;
    row.start_kind = StartKind::preexisting;
    for (int minute = 0; minute < 3; ++minute) {
        const FullDisk disk;
        REQUIRE(writer.begin());
        CHECK_THROWS_AS(writer.write(batch_with({row}), noon_us + minute * 60 * second_us + minute),
                        Error);
    }
    write(writer, batch_with({row}), noon_us + 180 * second_us);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT sum(connections), sum(bytes_sent) FROM traffic") == Rows{{"1", "100"}});
}

TEST_CASE("traffic: one that goes on counts once, even if its row is deleted before it is met") {
    const TemporaryFolder folder;
    const RetentionLimits an_hour{.max_age_us = 3600 * second_us};
    ConnectionRow row = grown(1, 100);
    {
        Writer writer(folder / "a.db", info, an_hour);
        write(writer, batch_with({row}), noon_us);
        writer.finish(noon_us + second_us);
    }
    Writer writer(folder / "a.db", info, an_hour);
    row.id = writer.first_ids().connection;
    row.start_kind = StartKind::preexisting;
    row.opened_us = noon_us + 7200 * second_us;
    write(writer, batch_with({row}), noon_us + 7200 * second_us);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT id FROM connections") == Rows{{"2"}});
    CHECK(rows(db, "SELECT sum(connections), sum(bytes_sent) FROM traffic") == Rows{{"1", "100"}});
}

TEST_CASE("traffic: after another boot a cookie is another socket's") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    {
        Writer killed(path, info);
        write(killed, batch_with({grown(1, 100)}), noon_us);
    }
    RecordingInfo rebooted = info;
    rebooted.host.boot_id = "another";
    Writer writer(path, rebooted);
    ConnectionRow found = grown(2, 120);
    found.start_kind = StartKind::preexisting;
    write(writer, batch_with({found}), noon_us + second_us);
    CHECK(sent(path) == 220);
}

TEST_CASE("traffic: outlives the connections that are deleted") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info, {.max_bytes = 8 << 20});
    writer.wait_for_locks(std::chrono::seconds(30)); // however slow the disk
    Traffic host(writer.first_ids().connection);
    for (int i = 0; i < 300; ++i)
        write(writer, host.next(200, 5), host.now_us());
    auto db = schema::open_for_reading(path);
    CHECK(number(db, "SELECT count(*) FROM connections") < 30'000);
    CHECK(number(db, "SELECT sum(connections) FROM traffic") == 60'000);
    CHECK(number(db, "SELECT count(*) FROM batches WHERE last_connection_id < "
                     "(SELECT min(id) FROM connections)") == 0);
    CHECK(number(db, "SELECT count(*) FROM long_connections WHERE connection_id NOT IN "
                     "(SELECT id FROM connections)") == 0);
}

TEST_CASE("traffic: is bounded as well, the oldest days go") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info, {.max_bytes = 8 << 20});
    writer.wait_for_locks(std::chrono::seconds(30)); // however slow the disk
    std::int64_t id = 1, now_us = noon_us;
    for (int i = 0; i < 300; ++i) {
        Batch batch;
        for (int n = 0; n < 400; ++n, ++id) {
            ConnectionRow row = closed_row(id);
            std::memcpy(row.summary.peer_address + 12, &id, 4);
            batch.connections.push_back(row);
        }
        write(writer, batch, now_us += day_us / 50);
        CHECK(writer.size_bytes() <= 8 << 20);
    }
    auto db = schema::open_for_reading(path);
    CHECK(number(db, "SELECT deleted_rows FROM retention WHERE kind = 'traffic'") > 0);
    const auto kept = number(db, "SELECT kept_from_us FROM retention WHERE kind = 'traffic'");
    CHECK(number(db, "SELECT min(begin_us) FROM traffic") <= kept);
    CHECK(kept <= now_us);
    CHECK(number(db, "SELECT sum(connections) FROM traffic") >
          number(db, "SELECT count(*) FROM connections"));
}

TEST_CASE("traffic: the largest batch of all has room in the log") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info);
    const std::int64_t before = writer.size_bytes();
    Batch batch;
    for (std::int64_t id = 1; id <= 65'536; ++id) {
        ConnectionRow row = open_row(id);
        std::memcpy(row.summary.peer_address + 12, &id, 4);
        row.summary.bytes_sent = row.summary.bytes_received = 1ULL << 40;
        row.summary.netns = 0xf0000000;
        batch.connections.push_back(row);
        batch.events.push_back(EventRow{id, noon_us, CTRACK_CONNECT, 7, 2, 0});
        for (int i = 0; i < 4; ++i)
            batch.rtt_samples.push_back(RttRow::of(id, noon_us, 100'000, 100'000, 1));
    }
    write(writer, batch, noon_us);
    const std::int64_t log_bytes = writer.size_bytes() - before;
    std::printf("largest batch: %.1f MiB of log\n", static_cast<double>(log_bytes) / (1 << 20));
    CHECK(log_bytes < divide(64 << 20).log_free_bytes);
}

TEST_CASE("traffic: --max-age takes whole days") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    Writer writer(path, info, {.max_age_us = day_us});
    for (std::int64_t day = 0; day < 4; ++day) {
        ConnectionRow row = closed_row(day + 1);
        row.summary.peer_address[15] = static_cast<unsigned char>(day);
        write(writer, batch_with({row}), noon_us + day * day_us);
    }
    auto db = schema::open_for_reading(path);
    CHECK(number(db, "SELECT count(DISTINCT begin_us) FROM traffic") == 2);
}

TEST_CASE("traffic: sums keep the name of a program whose row is gone before they are merged") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    const auto names = [&] {
        auto db = schema::open_for_reading(folder / "a.db");
        return rows(db, "SELECT DISTINCT comm, pid FROM traffic");
    };
    write(writer, batch_with({closed_row(1)}), noon_us);
    const Rows named = names();
    CHECK(named == Rows{{"curl", "100"}});
    SQLite::Database other(folder / "a.db", SQLite::OPEN_READWRITE);
    other.exec("DELETE FROM connections; DELETE FROM processes WHERE id > 0");
    CHECK(names() == named);
    write(writer, batch_with({open_row(2)}), noon_us + day_us); // merges the day before
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT DISTINCT comm, pid FROM traffic_sums") == named);
}
