// SPDX-License-Identifier: Apache-2.0
//
// Real files, read back with plain SQL.
#include "recorder/store/writer.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "schema/objects.h"
#include "schema/schema.h"
#include "tests/catch.h"
#include "tests/unit/sql.h"
#include "tests/unit/temporary_folder.h"
#include "tests/unit/writer_records.h"

using namespace ctrack;
using namespace ctrack::test;

TEST_CASE("writer: a finished file is one file, whole, and knows how it ended") {
    const TemporaryFolder folder;
    {
        Writer writer(folder / "a.db", info);
        CHECK(writer.first_ids().connection == 1);
        write(writer, batch_with({open_row(1)}), 7'000'000);
        CHECK(writer.first_ids().connection == 2);
        CHECK(writer.finish(8'000'000));
    }
    CHECK_FALSE(std::filesystem::exists(folder / "a.db-wal"));
    CHECK_FALSE(std::filesystem::exists(folder / "a.db-shm"));
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(text(db, "PRAGMA integrity_check") == "ok");
    CHECK(text(db, "PRAGMA journal_mode") == "delete");
    CHECK(text(db, "SELECT end_kind FROM recordings") == "stopped");
    CHECK(number(db, "SELECT ended_us FROM recordings") == 8'000'000);
    CHECK(text(db, "SELECT boot_id FROM recordings") == "boot");
}

TEST_CASE("writer: a connection's row is replaced, not doubled") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    write(writer, batch_with({open_row(1)}), 7'000'000);
    write(writer, batch_with({closed_row(1)}), 8'000'000);
    auto db = schema::open_for_reading(folder / "a.db"); // while the writer has it open
    CHECK(number(db, "SELECT count(*) FROM connections") == 1);
    CHECK(rows(db, "SELECT outcome, closed_by, direction, pid_source, start_kind "
                   "FROM connections") == Rows{{"closed", "peer", "active", "connect", "seen"}});
    CHECK(rows(db, "SELECT family, local_address, local_port, peer_address, peer_port "
                   "FROM connections") == Rows{{"4", "127.0.0.1", "40000", "127.0.0.1", "80"}});
    CHECK(number(db, "SELECT connect_us FROM connection_log") == 100);
    CHECK(number(db, "SELECT duration_us FROM connection_log") == 500'000);
    CHECK(number(db, "SELECT bytes_sent FROM connections") == 5'000'000'000);
    CHECK(db.execAndGet("SELECT rtt_avg_us FROM connection_log").getDouble() == 12.5);
    CHECK(number(db, "SELECT delivery_rate_bps FROM connections") == 10 * 1460 * 8 * 1000);
    CHECK(number(db, "SELECT count(*) FROM batches") == 2);
}

TEST_CASE("writer: rows that are in the file and others in one batch") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    write(writer, batch_with({open_row(2), open_row(5), open_row(9)}), 7'000'000);
    write(writer, batch_with({open_row(1), closed_row(5), closed_row(9), closed_row(10)}),
          8'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT id, outcome FROM connections ORDER BY id") ==
          Rows{{"1", "open"}, {"2", "open"}, {"5", "closed"}, {"9", "closed"}, {"10", "closed"}});
}

TEST_CASE("writer: a user's index and columns of the table are kept and right") {
    const TemporaryFolder folder;
    { const Writer makes_the_file(folder / "a.db", info); }
    schema::open_for_writing(folder / "a.db")
        .exec("CREATE INDEX mine ON connections (peer_port);"
              "ALTER TABLE connections ADD COLUMN note TEXT;"
              "ALTER TABLE connections ADD COLUMN seen INTEGER NOT NULL DEFAULT 3");
    Writer writer(folder / "a.db", info);
    write(writer, batch_with({open_row(1)}), 7'000'000);
    write(writer, batch_with({closed_row(1), closed_row(2)}), 8'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(text(db, "PRAGMA integrity_check") == "ok");
    CHECK(number(db, "SELECT count(*) FROM connections INDEXED BY mine WHERE peer_port = 80 "
                     "AND note IS NULL AND seen = 3") == 2);
}

TEST_CASE("writer: columns and indexes may come while it writes") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    write(writer, batch_with({open_row(1)}), 7'000'000);
    auto other = schema::open_for_writing(folder / "a.db");
    other.exec("ALTER TABLE connections ADD COLUMN note TEXT DEFAULT 'none'");
    write(writer, batch_with({closed_row(1), open_row(2)}), 8'000'000);
    other.exec("CREATE INDEX mine ON connections (peer_port)");
    write(writer, batch_with({closed_row(2), open_row(3)}), 9'000'000);
    other.exec("ALTER TABLE connections ADD COLUMN bytes INTEGER AS (bytes_sent + bytes_received)");
    write(writer, batch_with({closed_row(3), closed_row(4)}), 10'000'000);
    CHECK(text(other, "PRAGMA integrity_check") == "ok");
    CHECK(rows(other, "SELECT outcome, note, bytes FROM connections INDEXED BY mine "
                      "WHERE peer_port = 80") == Rows(4, {"closed", "none", "5000000000"}));
    Writer begins_with_them(folder / "a.db", info);
    write(begins_with_them, batch_with({closed_row(4), open_row(5)}), 11'000'000);
    CHECK(number(other, "SELECT count(*) FROM connections") == 5);
}

TEST_CASE("writer: a user's unique index replaces what is in its way") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    schema::open_for_writing(folder / "a.db")
        .exec("CREATE UNIQUE INDEX mine ON connections (cookie, generation)");
    write(writer, batch_with({open_row(1)}), 7'000'000);
    write(writer, batch_with({open_row(2)}), 8'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT id FROM connections") == Rows{{"2"}});
    CHECK(text(db, "PRAGMA integrity_check") == "ok");
}

TEST_CASE("writer: a table of other columns is refused") {
    const TemporaryFolder folder;
    { const Writer makes_the_file(folder / "a.db", info); }
    schema::open_for_writing(folder / "a.db")
        .exec("DROP VIEW connection_log; ALTER TABLE connections DROP COLUMN congestion");
    CHECK_THROWS_WITH(Writer(folder / "a.db", info),
                      Contains("other columns") && Contains("congestion"));
}

TEST_CASE("writer: what is not known is NULL") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    ConnectionRow bare{};
    bare.id = 1;
    bare.opened_us = 5;
    write(writer, batch_with({bare, open_row(2)}), 7'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "SELECT count(*) FROM connections WHERE id = 1 AND local_address IS NULL AND "
                     "peer_port IS NULL AND family IS NULL AND uid IS NULL AND process_id = 0 AND "
                     "direction = 'unknown' AND outcome = 'open'") == 1);
    CHECK(number(db, "SELECT count(*) FROM connection_log WHERE id = 2 AND closed_us IS NULL AND "
                     "closed_by IS NULL AND duration_us IS NULL AND established_us IS NULL AND "
                     "connect_us IS NULL AND rtt_min_us IS NULL AND rtt_avg_us IS NULL AND "
                     "delivery_rate_bps IS NULL AND error IS NULL") == 1);
    CHECK(number(db, "SELECT count(*) FROM connection_log") == 2);
}

TEST_CASE("writer: an attempt has no local address") {
    const TemporaryFolder folder;
    ConnectionRow row = closed_row(1);
    inet_pton(AF_INET6, "::ffff:0.0.0.0", row.summary.local_address);
    row.summary.local_port = 0;
    Writer writer(folder / "a.db", info);
    write(writer, batch_with({row}), 7'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "SELECT local_address IS NULL AND local_port IS NULL AND family = 4 "
                     "FROM connections") == 1);
}

// The writer itself does not look at the CHECK constraints; integrity_check does.
TEST_CASE("writer: every name of every enum is one that the schema knows") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    std::vector<ConnectionRow> rows;
    const auto add = [&](auto change) {
        rows.push_back(closed_row(static_cast<std::int64_t>(rows.size()) + 1));
        change(rows.back());
    };
    for (int i = 0; i <= static_cast<int>(Outcome::lost); ++i)
        add([i](ConnectionRow& row) { row.ending.outcome = static_cast<Outcome>(i); });
    for (int i = 0; i <= static_cast<int>(ClosedBy::unknown); ++i)
        add([i](ConnectionRow& row) { row.ending.closed_by = static_cast<ClosedBy>(i); });
    for (unsigned char i = 0; i <= CTRACK_PID_ACCEPT; ++i)
        add([i](ConnectionRow& row) { row.summary.pid_source = i; });
    for (unsigned char i = 0; i <= CTRACK_PASSIVE; ++i)
        add([i](ConnectionRow& row) { row.summary.direction = i; });
    add([](ConnectionRow& row) { row.start_kind = StartKind::preexisting; });
    write(writer, batch_with(rows), 7'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(text(db, "PRAGMA integrity_check") == "ok");
    CHECK(number(db, "SELECT count(DISTINCT outcome) FROM connections") == 9);
    CHECK(number(db, "SELECT count(DISTINCT pid_source) FROM connections") == 6);
}

TEST_CASE("writer: listeners are replaced, not doubled") {
    const TemporaryFolder folder;
    ListenerRow row{.id = 1,
                    .start_kind = StartKind::seen,
                    .opened_us = 6'000'000,
                    .closed_us = std::nullopt,
                    .summary = summary(CTRACK_LISTENER, 1, TCP_STATE_CLOSE, TCP_STATE_LISTEN)};
    row.summary.pid_source = CTRACK_PID_LISTENER;
    Writer writer(folder / "a.db", info);
    Batch batch;
    batch.listeners = {row};
    write(writer, batch, 7'000'000);
    row.closed_us = 8'000'000;
    batch.listeners = {row};
    write(writer, batch, 9'000'000);
    CHECK(writer.first_ids().listener == 2);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "SELECT count(*) FROM listeners") == 1);
    CHECK(rows(db, "SELECT pid, comm, pid_source, local_address, local_port, closed "
                   "FROM listener_log") ==
          Rows{{"100", "curl", "listener", "127.0.0.1", "40000", "1970-01-01T00:00:08.000000Z"}});
}

TEST_CASE("writer: queues of listeners and counters of namespaces") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    Batch batch;
    batch.listeners = {{1, StartKind::seen, 5, {}, summary(CTRACK_LISTENER, 1, 7, 10)}};
    batch.accept_queues = {{.listener_id = 1,
                            .from_us = 10,
                            .until_us = 20,
                            .length = 2,
                            .longest = 3,
                            .limit = 4,
                            .drops = 5}};
    batch.netns_counters = {{77, 10, 20, {1, 2, 3, 4, 5, 6}}};
    write(writer, batch, 7'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db,
               "SELECT listener_id, from_us, until_us, queue_len, queue_max, queue_limit, drops "
               "FROM accept_queues") == Rows{{"1", "10", "20", "2", "3", "4", "5"}});
    CHECK(rows(db, "SELECT netns, from_us, until_us, attempt_fails, resets_sent, listen_overflows, "
                   "listen_drops, syn_queue_drops, syn_cookies_sent FROM netns_counters") ==
          Rows{{"77", "10", "20", "1", "2", "3", "4", "5", "6"}});
}

TEST_CASE("writer: addresses as text") {
    unsigned char address[16];
    inet_pton(AF_INET6, "2001:db8::1", address);
    CHECK(AddressText().of(address) == "2001:db8::1");
    AddressText texts;
    for (const std::string text : {"10.1.2.3", "255.255.255.255", "0.0.0.0", "0.0.0.0"}) {
        inet_pton(AF_INET6, ("::ffff:" + text).c_str(), address);
        CHECK(texts.of(address) == text);
    }
}

TEST_CASE("writer: rows of one batch keep their own addresses") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    std::vector<ConnectionRow> some{open_row(1), open_row(2), open_row(3), open_row(4)};
    inet_pton(AF_INET6, "2001:db8::1", some[1].summary.local_address);
    inet_pton(AF_INET6, "::ffff:10.0.0.9", some[2].summary.peer_address);
    std::memset(some[3].summary.local_address, 0, sizeof some[3].summary.local_address);
    write(writer, batch_with(some), 7'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT local_address, peer_address FROM connections ORDER BY id") ==
          Rows{{"127.0.0.1", "127.0.0.1"},
               {"2001:db8::1", "127.0.0.1"},
               {"127.0.0.1", "10.0.0.9"},
               {"NULL", "127.0.0.1"}});
}

TEST_CASE("writer: owners are written once, also over restarts, and filled in") {
    const TemporaryFolder folder;
    for (int run = 0; run < 2; ++run) {
        Writer writer(folder / "a.db", info);
        Batch batch = batch_with({open_row(writer.first_ids().connection)});
        batch.cgroups = {{9, "/system.slice/nginx.service"}};
        if (run == 1)
            batch.processes = {
                {batch.connections[0].summary.owner, "/usr/bin/curl", "curl x", 0, 1}};
        write(writer, batch, 7'000'000);
        writer.finish(8'000'000);
    }
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "SELECT count(*) FROM recordings") == 2);
    CHECK(number(db, "SELECT count(*) FROM processes WHERE id > 0") == 1);
    CHECK(rows(db, "SELECT comm, pid, exe, cmdline, parent_pid FROM processes WHERE id > 0") ==
          Rows{{"curl", "100", "/usr/bin/curl", "curl x", "1"}});
    CHECK(number(db, "SELECT started_us FROM processes WHERE id > 0") == 6'000'000);
    CHECK(number(db, "SELECT count(*) FROM cgroups WHERE id > 0") == 1);
    CHECK(number(db, "SELECT count(*) FROM connection_log WHERE comm = 'curl' AND "
                     "systemd_unit = 'nginx.service'") == 2);
}

TEST_CASE("writer: bytes that are no UTF-8 are stored as codes, wherever a text comes from") {
    const TemporaryFolder folder;
    RecordingInfo of_latin1 = info;
    of_latin1.host.hostname = "h\xf6st";
    of_latin1.cgroup_path = "/cgroup/h\xf6st";
    of_latin1.options = "db=h\xf6st.db\n";
    Writer writer(folder / "a.db", of_latin1);
    Batch batch = batch_with({open_row(1)});
    ctrack_summary& summary = batch.connections[0].summary;
    std::strcpy(summary.owner.comm, "\xd0\xb0\xd0");
    std::strcpy(summary.interface, "eth\xf6");
    summary.ifindex = 2;
    batch.processes = {{summary.owner, "/bin/\xf6", "\xf6 \\xf6", 0, 1}};
    batch.cgroups = {{9, "/system.slice/\xf6.service/a\\x2db"}};
    batch.listeners = {{1, StartKind::seen, 5, {}, summary}};
    write(writer, batch, 7'000'000);
    writer.finish(8'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT hostname, cgroup_path, options FROM recordings") ==
          Rows{{R"(h\xf6st)", R"(/cgroup/h\xf6st)", "db=h\\xf6st.db\n"}});
    CHECK(rows(db, "SELECT comm, exe, cmdline FROM processes WHERE id > 0") ==
          Rows{{R"(а\xd0)", R"(/bin/\xf6)", R"(\xf6 \x5cxf6)"}});
    CHECK(rows(db, "SELECT path, systemd_unit, systemd_slice FROM cgroups WHERE id > 0") ==
          Rows{{R"(/system.slice/\xf6.service/a\x2db)", R"(\xf6.service)", "system.slice"}});
    CHECK(rows(db, "SELECT interface FROM connections UNION ALL SELECT interface FROM listeners") ==
          Rows{{R"(eth\xf6)"}, {R"(eth\xf6)"}});
    CHECK(rows(db, "SELECT DISTINCT comm FROM traffic") == Rows{{R"(а\xd0)"}});
}

TEST_CASE("writer: a program whose name is stored as codes is one program in the sums") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    Batch batch = batch_with({open_row(1)});
    std::strcpy(batch.connections[0].summary.owner.comm, "\xd0");
    write(writer, batch, 7'000'000);
    batch.connections[0].summary.bytes_sent = 100;
    write(writer, batch, 7'500'000);
    writer.finish(8'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT comm, sum(connections), sum(bytes_sent) FROM traffic GROUP BY 1") ==
          Rows{{R"(\xd0)", "1", "100"}});
}

TEST_CASE("writer: the place is the owner's, if it was seen with the connection") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    Batch batch = batch_with({open_row(1), open_row(2), open_row(3)});
    for (int i : {1, 2})
        batch.connections[static_cast<std::size_t>(i)].summary.owner.cgroup_id = 5;
    batch.connections[2].summary.pid_source = CTRACK_PID_LISTENER;
    batch.cgroups = {{9, "/system.slice/ssh.socket"}, {5, "/system.slice/ssh.service"}};
    write(writer, batch, 7'000'000);
    writer.finish(8'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT cgroup_path, socket_cgroup_path FROM connection_log ORDER BY id") ==
          Rows{{"/system.slice/ssh.socket", "/system.slice/ssh.socket"},
               {"/system.slice/ssh.service", "/system.slice/ssh.socket"},
               {"/system.slice/ssh.socket", "/system.slice/ssh.socket"}});
    CHECK(number(db, "SELECT count(socket_cgroup_id) FROM connections") == 1);
}

TEST_CASE("writer: batches know their ranges of ids and times, and what was lost") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    for (std::int64_t n = 0; n < 3; ++n) {
        Batch batch;
        batch.events = {EventRow{1, 100 * n + 10, CTRACK_STATE, 1, 4, 0},
                        EventRow{1, 100 * n + 20, 5, 1, 1, 7}};
        batch.rtt_samples.push_back(RttRow::of(1, 100 * n + 5, 33, 44, 1 + 3 * n));
        batch.rtt_source = CTRACK_RTT_RACK;
        batch.losses = {.lifecycle_ring = n,
                        .sample_ring = 0,
                        .no_storage = 0,
                        .netns = 0,
                        .decode_reject = 0,
                        .file = 0};
        write(writer, batch, 1000 * n);
    }
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT first_event_id, last_event_id FROM batches ORDER BY id") ==
          Rows{{"1", "2"}, {"3", "4"}, {"5", "6"}});
    CHECK(rows(db, "SELECT first_rtt_sample_id, last_rtt_sample_id FROM batches ORDER BY id") ==
          Rows{{"1", "1"}, {"2", "2"}, {"3", "3"}});
    CHECK(rows(db, "SELECT first_time_us, last_time_us FROM batches ORDER BY id") ==
          Rows{{"5", "20"}, {"105", "120"}, {"205", "220"}});
    CHECK(rows(db, "SELECT lost_lifecycle_ring FROM batches ORDER BY id") ==
          Rows{{"0"}, {"1"}, {"2"}});
    CHECK(rows(db, "SELECT time_us, rtt_us, srtt_us, state FROM rtt_samples ORDER BY id") ==
          Rows{{"5", "33", "44", "1"}, {"105", "33", "44", "4"}, {"205", "33", "44", "7"}});
    CHECK(number(db, "SELECT sum(value) FROM events WHERE kind = 5") == 21);
    CHECK(text(db, "SELECT rtt_source FROM recordings") == "rack");
    CHECK(number(db, "SELECT sum(lost) FROM loss_log WHERE cause = 'lifecycle_ring'") == 3);
}

TEST_CASE("writer: a batch says which connections are new in it and when they opened") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    ConnectionRow old = open_row(3);
    old.opened_us = 5'500'000;
    write(writer, batch_with({open_row(1), open_row(2), old}), 7'000'000);
    write(writer, batch_with({closed_row(1)}), 8'000'000);
    write(writer, batch_with({closed_row(2), closed_row(4), closed_row(5)}), 9'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT first_connection_id, last_connection_id, first_opened_us, last_time_us "
                   "FROM batches WHERE id <> 2 ORDER BY id") ==
          Rows{{"1", "3", "5500000", "6000000"}, {"4", "5", "6000000", "6000000"}});
    CHECK(number(db, "SELECT first_connection_id IS NULL AND last_connection_id IS NULL "
                     "AND first_opened_us IS NULL AND last_time_us IS NULL "
                     "FROM batches WHERE id = 2") == 1);
}

TEST_CASE("writer: connections that no window of their batch leads to are listed one by one") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    write(writer, batch_with({open_row(1), open_row(2), open_row(3), open_row(4)}), 7'000'000);
    ConnectionRow lasted = closed_row(2), told_late = closed_row(3);
    lasted.closed_us = lasted.opened_us + 600'000'001;
    told_late.off_batch = true;
    write(writer, batch_with({closed_row(1), lasted, told_late}), 700'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT connection_id, coalesce(closed_us, 'open') FROM long_connections") ==
          Rows{{"2", "606000001"}, {"3", "6500000"}, {"4", "open"}});
}

TEST_CASE("writer: what was open before the file was begun anew is listed, whatever its id") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    std::vector<ConnectionRow> older{open_row(1), open_row(2), closed_row(3)};
    for (ConnectionRow& row : older)
        row.off_batch = true;
    write(writer, batch_with({open_row(9)}), 7'000'000); // it waited for the new file
    write(writer, batch_with(older), 8'000'000);
    older[1] = closed_row(2);
    older[1].off_batch = true;
    write(writer, batch_with({older[1]}), 9'000'000);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT connection_id, coalesce(closed_us, 'open') FROM long_connections") ==
          Rows{{"1", "open"}, {"2", "6500000"}, {"3", "6500000"}, {"9", "open"}});
}

TEST_CASE("writer: an empty batch has no ranges") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    write(writer, Batch{}, 1);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "SELECT count(*) FROM batches WHERE first_event_id IS NULL AND "
                     "last_rtt_sample_id IS NULL AND first_time_us IS NULL") == 1);
}

TEST_CASE("writer: a recording that was never finished is marked by the next") {
    const TemporaryFolder folder;
    {
        Writer killed(folder / "a.db", info);
        write(killed, batch_with({open_row(1)}), 7'500'000);
    }
    Writer next(folder / "a.db", info);
    CHECK(next.first_ids().connection == 2);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(rows(db, "SELECT end_kind, ended_us FROM recordings ORDER BY id") ==
          Rows{{"crashed", "7500000"}, {"running", "NULL"}});
}

TEST_CASE("writer: a reader in the way of leaving WAL mode is no failure") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    write(writer, batch_with({open_row(1)}), 7'000'000);
    auto reader = schema::open_for_reading(folder / "a.db");
    SQLite::Statement query(reader, "SELECT * FROM connections");
    query.executeStep();
    CHECK_FALSE(writer.finish(8'000'000));
}

TEST_CASE("writer: another program's lock is waited out, and nothing is lost by it") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    SQLite::Database other(folder / "a.db", SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    CHECK_FALSE(writer.begin());
    other.exec("COMMIT");
    write(writer, batch_with({open_row(1)}), 7'000'000);
    CHECK(number(other, "SELECT count(*) FROM connections") == 1);
    CHECK(writer.begin());
    writer.write_nothing(7'000'000); // and lets others write again
    CHECK_NOTHROW(other.exec("BEGIN IMMEDIATE"));
}

TEST_CASE("writer: the log is moved into the file while recording") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    Batch batch;
    for (std::int64_t i = 0; i < 200'000; ++i)
        batch.rtt_samples.push_back(RttRow::of(1, 1'000'000'000'000 + i, i, i, 1));
    for (int commits = 0; commits < 10; ++commits) // 40 MiB, 4 of which are worth it
        write(writer, batch, 1);
    const auto in_time = [&] {
        for (int tries = 0; tries < 200; ++tries) {
            if (std::filesystem::file_size(folder / "a.db") > (4 << 20))
                return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return false;
    };
    CHECK(in_time());
}

TEST_CASE("writer: many rows in one batch") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    Batch batch;
    for (std::int64_t i = 0; i < 100'000; ++i)
        batch.rtt_samples.push_back(RttRow::of(1, i, i * 2, i * 3, 1));
    write(writer, batch, 1);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "SELECT count(*) FROM rtt_samples WHERE rtt_us = time_us * 2 AND "
                     "srtt_us = time_us * 3 AND id = time_us + 1") == 100'000);
}

TEST_CASE("schema: files that are not ours are refused and left alone") {
    const TemporaryFolder folder;
    const auto expect_refused = [&](const std::string& path, const std::string& why) {
        std::ifstream before(path, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(before)), {});
        CHECK_THROWS_WITH(schema::open_for_writing(path), Contains(why));
        CHECK_THROWS_WITH(schema::open_for_reading(path), Contains(why));
        std::ifstream after(path, std::ios::binary);
        CHECK(bytes == std::string((std::istreambuf_iterator<char>(after)), {}));
    };
    std::ofstream(folder / "text") << std::string(5000, 'x');
    expect_refused(folder / "text", "not a ctrack file");

    SQLite::Database(folder / "other.db", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE t(x); PRAGMA user_version = 1");
    expect_refused(folder / "other.db", "not a ctrack file");

    schema::open_for_writing(folder / "newer.db").exec("PRAGMA user_version = 999");
    expect_refused(folder / "newer.db", "newer ctrack (schema 999, this one knows 1)");

    schema::open_for_writing(folder / "none.db").exec("PRAGMA user_version = 0");
    expect_refused(folder / "none.db", "does not say which version");

    for (const char* version : {"1", "10"}) { // of the formats before the first release
        const auto path = folder / (std::string("unreleased") + version);
        SQLite::Database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
            .exec(std::string("CREATE TABLE connections (id INTEGER PRIMARY KEY, rtt_avg_us REAL); "
                              "PRAGMA application_id = 0x6374726b; PRAGMA user_version = ") +
                  version);
        expect_refused(path, "unreleased format");
    }
}

TEST_CASE("schema: what the build has worked out of the schema is what a new file holds") {
    auto db = schema::empty();
    CHECK(schema::differences(db).empty());
    db.exec("DROP VIEW traffic; CREATE TABLE own (a)");
    const auto found = schema::differences(db);
    REQUIRE(found.size() == 2);
    CHECK(found[0].what == "view traffic");
    CHECK(found[1].what == "table own");
}

TEST_CASE("schema: a file of an older version is brought up to date and keeps everything") {
    const TemporaryFolder folder;
    const auto path = folder / "a.db";
    const EmbeddedSql newer[] = {schema::our_migrations()[0],
                                 {"made_up",
                                  "ALTER TABLE cgroups ADD COLUMN made_up TEXT DEFAULT 'yes'; "
                                  "UPDATE cgroups SET path = '/moved' WHERE id = 1"}};
    schema::open_for_writing(path).exec("INSERT INTO cgroups (kernel_id, path) VALUES (1, '/old')");
    CHECK_THROWS_WITH(schema::open_for_reading(path, newer),
                      Contains("older ctrack (schema 1, this one reads 2)"));
    schema::open_for_writing(path, newer);
    CHECK_THROWS_WITH(schema::open_for_writing(path),
                      Contains("newer ctrack (schema 2, this one knows 1)"));
    auto db = schema::open_for_reading(path, newer);
    CHECK(number(db, "PRAGMA user_version") == 2);
    CHECK(rows(db, "SELECT path, made_up FROM cgroups WHERE kernel_id = 1") ==
          Rows{{"/moved", "yes"}});
    CHECK(text(db, "PRAGMA integrity_check") == "ok");
}

TEST_CASE("schema: a migration that fails leaves the file as it was") {
    const TemporaryFolder folder;
    const EmbeddedSql failing[] = {schema::our_migrations()[0],
                                   {"made_up", "CREATE TABLE made_up (a); not SQL"}};
    schema::open_for_writing(folder / "a.db");
    CHECK_THROWS_WITH(schema::open_for_writing(folder / "a.db", failing), Contains("syntax error"));
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "PRAGMA user_version") == 1);
    CHECK_FALSE(db.tableExists("made_up"));
}

TEST_CASE("schema: missing, folder, empty") {
    const TemporaryFolder folder;
    CHECK_THROWS_WITH(schema::open_for_reading(folder / "none.db"), Contains("No such file"));
    CHECK_THROWS_WITH(schema::open_for_reading(folder.path()), Contains("is a directory"));
    std::ofstream(folder / "empty.db");
    CHECK_THROWS_WITH(schema::open_for_reading(folder / "empty.db"), Contains("not a ctrack file"));
    CHECK_NOTHROW(schema::open_for_writing(folder / "empty.db"));
    CHECK_NOTHROW(schema::open_for_reading(folder / "empty.db"));
}

TEST_CASE("schema: every table and column says what it is") {
    const TemporaryFolder folder;
    auto db = schema::open_for_writing(folder / "a.db");
    SQLite::Statement columns(db, "SELECT t.name, c.name, t.sql FROM sqlite_schema t "
                                  "JOIN pragma_table_info(t.name) c WHERE t.type = 'table'");
    int checked = 0;
    for (; columns.executeStep(); ++checked) {
        const std::string table = columns.getColumn(0).getString();
        const std::string column = columns.getColumn(1).getString();
        const std::string sql = columns.getColumn(2).getString();
        INFO(table << "." << column);
        CHECK_THAT(sql.substr(0, sql.find('\n')), Contains(" -- "));
        const auto line = sql.find("\n  " + column + " ");
        REQUIRE(line != std::string::npos);
        const auto text = sql.substr(line, sql.find('\n', line + 1) - line);
        INFO(text);
        CHECK_THAT(text, Contains("-- "));
    }
    CHECK(checked > 80);
}

TEST_CASE("writer: says now and then that it runs, also if there is nothing to write") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    auto db = schema::open_for_reading(folder / "a.db");
    const auto after_nothing_at = [&](std::int64_t now_us) {
        REQUIRE(writer.begin());
        writer.write_nothing(now_us);
        return number(db, "SELECT heartbeat_us FROM recordings");
    };
    CHECK(after_nothing_at(20'000'000) == 20'000'000);
    CHECK(after_nothing_at(29'999'999) == 20'000'000);
    CHECK(after_nothing_at(30'000'000) == 30'000'000);
    write(writer, batch_with({open_row(1)}), 40'000'000);
    CHECK(number(db, "SELECT heartbeat_us FROM recordings") == 40'000'000);
    CHECK(number(db, "SELECT count(*) FROM batches") == 1);
}

TEST_CASE("writer: what has changed stands in the file with the next commit") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    auto db = schema::open_for_reading(folder / "a.db");
    write(writer, batch_with({open_row(1)}), 7'000'000);
    writer.change(
        {.options = "db=y\ndb=x until then\n", .heartbeat_interval_us = 60'000'000, .limits = {}});
    CHECK(text(db, "SELECT options FROM recordings") == "db=x\n");
    REQUIRE(writer.begin());
    writer.write_nothing(77'000'000);
    CHECK(text(db, "SELECT options FROM recordings") == "db=y\ndb=x until then\n");
    CHECK(number(db, "SELECT heartbeat_interval_us FROM recordings") == 60'000'000);
    write(writer, batch_with({open_row(2)}), 78'000'000);
    CHECK(number(db, "SELECT count(*) FROM connections") == 2);
    CHECK(number(db, "SELECT heartbeat_us FROM recordings") == 77'000'000);
}

TEST_CASE("writer: one that was killed is known until its last heartbeat") {
    const TemporaryFolder folder;
    {
        Writer killed(folder / "a.db", info);
        write(killed, batch_with({open_row(1)}), 7'000'000);
        REQUIRE(killed.begin());
        killed.write_nothing(20'000'000);
    }
    Writer writer(folder / "a.db", info);
    auto db = schema::open_for_reading(folder / "a.db");
    CHECK(number(db, "SELECT ended_us FROM recordings WHERE id = 1") == 20'000'000);
}

TEST_CASE("log: what has waited for long goes into the file, however little it is") {
    const TemporaryFolder folder;
    Writer writer(folder / "a.db", info);
    LogCheckpointer checkpointer(folder / "a.db", 0, std::chrono::milliseconds(0));
    write(writer, batch_with({open_row(1)}), 7'000'000);
    const auto connections_in_file_alone = [&] {
        std::filesystem::copy_file(folder / "a.db", folder / "copy.db",
                                   std::filesystem::copy_options::overwrite_existing);
        auto db = schema::open_for_reading(folder / "copy.db");
        return number(db, "SELECT count(*) FROM connections");
    };
    CHECK(connections_in_file_alone() == 0);
    checkpointer.log_grew(1);
    for (int tries = 0; tries < 1000 && connections_in_file_alone() == 0; ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(connections_in_file_alone() == 1);
}
