# SPDX-License-Identifier: Apache-2.0
"""verify: each kind of damage is found, and nothing in a file that has none."""
import json
import shutil
import sqlite3

import pytest

from files import S, make_large_file, run
from query_driver import make_file, recording, run_query
from test_errors import check_failure

DAY2 = 1795266000 * S


def verify(path, code=0):
    result = run_query("verify", path, "-o", "json")
    assert result.returncode == code, result.stderr.decode()
    return json.loads(result.stdout)


def changed(fixture_path, tmp_path, *statements):
    path = tmp_path / "changed.db"
    shutil.copy(fixture_path, path)
    db = sqlite3.connect(path)
    db.execute("PRAGMA ignore_check_constraints = ON")
    for statement in statements:
        db.executescript(statement)
    db.commit()
    db.close()
    return path


def test_nothing_is_wrong_with_the_fixture(fixture_path):
    found = verify(fixture_path)
    assert "wrong" not in {row["status"] for row in found}
    assert [row["check"] for row in found if row["check"] != "coverage"] == [
        "schema", "constraints", "log", "integrity", "references", "addresses", "texts",
        "numbers", "batches", "samples", "events", "intervals", "times", "minutes"]


def test_coverage(fixture_path):
    start, crash = DAY2 - 100_800 * S, DAY2 - 100_800 * S + 590_500_000
    assert [tuple(row.values()) for row in verify(fixture_path) if row["check"] == "coverage"] == [
        ("ok", "coverage", "web1: recording 1", start, crash),
        ("ok", "coverage", "web1: recording 2", DAY2, DAY2 + 1800 * S),
        ("note", "coverage", "web1: not recorded", crash, DAY2),
        ("note", "coverage",
         "web1: recording 1 was cut short: its last commit interval is missing", crash, crash),
        ("note", "coverage", "lost: 12 RTT samples (sample ring full)",
         DAY2 + 41 * S, DAY2 + 62 * S),
        ("note", "coverage", "lost: 1 event (lifecycle ring full)",
         DAY2 + 413 * S, DAY2 + 700 * S)]


def test_table(fixture_path, expect):
    expect("verify.table", run("verify", fixture_path).stdout)


def test_file_with_r(fixture_path):
    assert run("-r", fixture_path, "verify").stdout == run("verify", fixture_path).stdout
    check_failure(run_query("-r", fixture_path, "verify", fixture_path), 2, "one file")
    check_failure(run_query("verify", fixture_path, fixture_path), 2, "does not take")
    check_failure(run_query("verify", fixture_path, "-b", "today"), 2, "does not take -b")


@pytest.mark.parametrize("check, words, statement", [
    ("numbers", "1 connections have a time or count that no recorder writes; the first is 5",
     "UPDATE connections SET bytes_sent = 9223372036854775807 WHERE id = 5"),
    ("numbers", "connections", "UPDATE connections SET bytes_received = -1 WHERE id = 5"),
    ("numbers", "connections", "UPDATE connections SET rwnd_limited_us = busy_us + 1 WHERE id = 5"),
    ("numbers", "connections", "UPDATE connections SET retrans_tlp_segs = retrans_segs + 1 WHERE id = 5"),
    ("numbers", "connections", "UPDATE connections SET sent_ago_us = -1 WHERE id = 5"),
    ("numbers", "connections", "UPDATE connections SET wait_for_peer_us = 1 << 52 WHERE id = 5"),
    ("numbers", "2 recordings", "UPDATE recordings SET started_us = -9223372036854775808"),
    ("numbers", "recordings", "UPDATE recordings SET clock_offset_us = -9223372036854775808"),
    ("numbers", "sums of traffic", "UPDATE traffic_sums SET bytes_sent = 1 << 52"),
    ("numbers", "1 minutes have a time or count", "UPDATE minutes SET bytes_sent = -1 WHERE id = 4"),
    ("addresses", "1 minutes have an address or port that is none; the first is 4",
     "UPDATE minutes SET service_port = 65536 WHERE id = 4"),
    ("texts", "1 minutes have a text that is no UTF-8; the first is 4",
     "UPDATE minutes SET comm = CAST(x'f6' AS TEXT) WHERE id = 4"),
    ("numbers", "1 accept queues", "UPDATE accept_queues SET queue_len = queue_max + 1 WHERE listener_id = 4"),
    ("numbers", "1 accept queues", "UPDATE accept_queues SET from_us = until_us WHERE listener_id = 4"),
    ("numbers", "1 counters of network namespaces have a time or count",
     "UPDATE netns_counters SET syn_cookies_sent = -1 WHERE netns = 4026532311"),
    ("times", "listener 1: its accept queue is told of when it did not listen",
     "UPDATE listeners SET closed_us = (SELECT min(until_us) FROM accept_queues) WHERE id = 1"),
    ("references", "1 of accept_queues refer to listeners that are not there",
     "UPDATE accept_queues SET listener_id = 99 WHERE listener_id = 4"),
    ("minutes", "RTT samples are in its buckets", "UPDATE minutes SET rtts = '{' WHERE id = 4"),
    ("minutes", "RTT samples are in its buckets", "UPDATE minutes SET rtts = '{\"9\":1}' WHERE rtt_samples = 0"),
    ("minutes", "1 connections were opened in this minute, and by its sums 0",
     "UPDATE minutes SET opened = 0 WHERE id = (SELECT min(id) FROM minutes WHERE opened = 1)"),
    ("minutes", "connections ended in this minute, and by its sums", "UPDATE minutes SET reset = reset + 1"),
    ("minutes", "RTT samples were stored in this minute, and by its sums 0",
     "UPDATE minutes SET rtt_samples = 0, rtts = '{}'"),
    ("schema", "view rtt_log is not there", "DROP VIEW rtt_log"),
    ("schema", "view rtt_log is not as", "DROP VIEW rtt_log; CREATE VIEW rtt_log AS SELECT 1"),
    ("schema", "index batches_in_time is not there", "DROP INDEX batches_in_time"),
    ("constraints", "CHECK constraint failed in 1 of connections: outcome IN",
     "UPDATE connections SET outcome = 'eaten' WHERE id = 4"),
    ("addresses", "1 connections have an address or port that is none; the first is 4",
     "UPDATE connections SET peer_address = '10.0.0.1\tx' WHERE id = 4"),
    ("addresses", "1 connections have an address", "UPDATE connections SET local_port = 65536 WHERE id = 4"),
    ("addresses", "1 listeners have an address or port that is none; the first is 2",
     "UPDATE listeners SET local_address = 'localhost' WHERE id = 2"),
    ("addresses", "1 sums of traffic have an address or port that is none",
     "INSERT INTO traffic_sums (begin_us, comm, peer_address, service_port, direction) "
     "VALUES (0, 'x', '10.0.0.1.2', 1, 'active')"),
    ("texts", "1 processes have a text that is no UTF-8; the first is 2",
     "UPDATE processes SET comm = CAST(x'd0b0d0' AS TEXT) WHERE id = 2"),
    ("texts", "1 processes have a text", "UPDATE processes SET cmdline = 'a' || char(0) || 'b' WHERE id = 2"),
    ("texts", "1 cgroups have a text", "UPDATE cgroups SET path = CAST(x'c0af' AS TEXT) WHERE id = 2"),
    ("texts", "1 connections have a text that is no UTF-8; the first is 4",
     "UPDATE connections SET interface = CAST(x'eda080' AS TEXT) WHERE id = 4"),
    ("texts", "1 listeners have a text", "UPDATE listeners SET interface = CAST(x'f6' AS TEXT) WHERE id = 1"),
    ("texts", "1 recordings have a text", "UPDATE recordings SET hostname = CAST(x'f6' AS TEXT) WHERE id = 1"),
    ("texts", "1 sums of traffic have a text",
     "INSERT INTO traffic_sums (begin_us, comm, peer_address, service_port, direction) "
     "VALUES (0, CAST(x'f6' AS TEXT), '', 1, 'active')"),
    ("references", "2 of events refer to connections",
     "DELETE FROM connections WHERE id = 2"),
    ("references", "1 of connections refer to processes",
     "UPDATE connections SET process_id = 999 WHERE id = 4"),
    ("references", "1 of events refer to event_kinds",
     "UPDATE events SET kind = 99 WHERE id = 4"),
    ("references", "1 of events refer to tcp_states",
     "UPDATE events SET new_state = 14 WHERE id = 4"),
    ("references", "1 RTT samples are of a state",
     "UPDATE packed_rtt_samples SET rtt_state = -(16 * 5 + 13) WHERE id = 4"),
    ("batches", "batch 3: of events 3 to 4 there are 1", "DELETE FROM events WHERE id = 3"),
    ("batches", "batch 3: of RTT samples 4 to 4 there are 0", "DELETE FROM packed_rtt_samples WHERE id = 4"),
    ("batches", "2 events are in no batch",
     "UPDATE batches SET first_event_id = NULL, last_event_id = NULL WHERE id = 3"),
    ("batches", "1 RTT samples are in no batch",
     "UPDATE batches SET first_rtt_sample_id = NULL, last_rtt_sample_id = NULL WHERE id = 3"),
    ("batches", "batch 6: its ids begin before", "UPDATE batches SET first_event_id = 20 WHERE id = 6"),
    ("batches", "batch 5: 1 of its rows are not of its time",
     "UPDATE events SET time_us = 5 WHERE id = 8"),
    ("samples", "connection 4 had 4 RTT samples, 3 are stored",
     "UPDATE connections SET rtt_samples = 4 WHERE id = 4"),
    ("samples", "connection 4 had RTTs of 1 to 31950 us",
     "UPDATE connections SET rtt_min_us = 1 WHERE id = 4"),
    ("samples", "connection 4 had RTTs",
     "UPDATE connections SET rtt_sum_us = rtt_sum_us * 102 / 100 WHERE id = 4"),
    # of 5 samples were lost: what is there must fit all the same
    ("samples", "connection 5 had RTTs of 31111 to 60000 us",
     "UPDATE connections SET rtt_max_us = 60000 WHERE id = 5"),
    ("events", "connection 4 has 0 events of its end", "UPDATE events SET kind = 4 WHERE id = 20"),
    ("events", "connection 4 ended at another time",
     "UPDATE connections SET closed_us = closed_us + 1 WHERE id = 4"),
    ("batches", "batch 6: of intervals", "DELETE FROM packed_intervals WHERE id = "
     "(SELECT first_interval_id FROM batches WHERE id = 6)"),
    ("batches", "intervals are in no batch",
     "UPDATE batches SET first_interval_id = NULL, last_interval_id = NULL WHERE id = 6"),
    ("batches", "batch 6: its intervals end before they begin",
     "UPDATE batches SET intervals_until_us = intervals_from_us WHERE id = 6"),
    ("batches", "batch 6: its intervals end before they begin",
     "UPDATE batches SET intervals_until_us = NULL WHERE id = 6"),
    ("intervals", "connection 5 sent 734003200 bytes and received 388; its intervals tell 734003199 and 388",
     "UPDATE packed_intervals SET bytes_sent = bytes_sent - 1 WHERE id = "
     "(SELECT max(id) FROM packed_intervals WHERE connection_id = 5)"),
    ("intervals", "connection 5 sent", "UPDATE connections SET bytes_received_before = 1 WHERE id = 5"),
    ("intervals", "connection 4 sent 5321 bytes", # it has none
     "UPDATE connections SET has_intervals = 1 WHERE id = 4"),
    ("intervals", "connection 5 has intervals, and its row says that it has none",
     "UPDATE connections SET has_intervals = 0 WHERE id = 5"),
    ("numbers", "1 intervals", "UPDATE packed_intervals SET bytes_sent = -1 WHERE id = 4"),
    ("times", "connection 4: opened",
     "UPDATE connections SET established_us = opened_us - 1 WHERE id = 4"),
    ("times", "connection 4: opened",
     "UPDATE connections SET closed_us = NULL WHERE id = 4"),
    ("times", "recording 2 ends before",
     "UPDATE recordings SET ended_us = started_us - 1 WHERE id = 2")])
def test_damage_is_found(fixture_path, tmp_path, check, words, statement):
    found = verify(changed(fixture_path, tmp_path, statement), code=1)
    assert [row for row in found
            if row["status"] == "wrong" and row["check"] == check and words in row["finding"]]


@pytest.mark.parametrize("statement", [
    # lost, deleted or not stored: nothing can be said
    "UPDATE connections SET rtt_samples = 40 WHERE id = 5",
    "UPDATE recordings SET rtt_mode = '100ms'; UPDATE connections SET rtt_samples = 9 WHERE id = 4",
    f"UPDATE retention SET kept_from_us = {DAY2 + 15 * S} WHERE kind = 'rtt_samples'; "
    "UPDATE connections SET rtt_samples = 9 WHERE id = 4",
    # The file was begun anew while it was recorded into: the old one has what came before.
    f"UPDATE recordings SET started_us = {DAY2 + 1000 * S} WHERE id = 2; "
    "UPDATE connections SET rtt_samples = 9 WHERE id = 4; UPDATE events SET kind = 4 WHERE id = 20",
    f"UPDATE retention SET kept_from_us = {DAY2 + 30 * S} WHERE kind = 'intervals'; "
    "UPDATE packed_intervals SET bytes_sent = bytes_sent - 1 WHERE id = "
    "(SELECT max(id) FROM packed_intervals WHERE connection_id = 5)",
    "CREATE INDEX mine ON events (connection_id)",
    "ALTER TABLE errnos ADD COLUMN mine TEXT",
    "CREATE TABLE notes (a)"])
def test_nothing_is_made_up(fixture_path, tmp_path, statement):
    verify(changed(fixture_path, tmp_path, *statement.split(";")))


def test_deleted_and_running(fixture_path, tmp_path):
    path = changed(fixture_path, tmp_path,
                   "UPDATE retention SET kept_from_us = 77, deleted_rows = 3 WHERE kind = 'events'",
                   "UPDATE recordings SET end_kind = 'running', ended_us = NULL WHERE id = 2")
    found = {row["finding"]: row for row in verify(path)}
    assert found["events before this were deleted: 3 rows"]["end_us"] == 77
    (silent,) = [row for text, row in found.items() if "has no end" in text]
    assert silent["begin_us"] == DAY2 + 1800 * S  # the last commit


def test_snapshots_are_in_order(fixture_path, tmp_path):
    path = tmp_path / "cut.db"
    for begin, end, *chosen in ((DAY2 + 5 * S, DAY2 + 123 * S), (DAY2 + 10_003_000, DAY2 + 10_003_041),
                                (DAY2, DAY2 + 1000 * S, "-c", "curl")):
        run("-r", fixture_path, "snapshot", "-b", begin, "-e", end, "-o", path, "--force", *chosen)
        found = verify(path)
        assert found[-1]["status"] == "note" or "a part cut out of it" in found[-1]["finding"]


def test_many_findings_are_cut_short(tmp_path):
    path = tmp_path / "many.db"
    make_file(path, recording(0, 9, "stopped") + """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50)
        INSERT INTO connections (id, recording_id, cookie, generation, direction, pid_source,
                                 start_kind, opened_us, closed_us, outcome)
        SELECT i, 1, i, 1, 'active', 'unknown', 'seen', 1, 2, 'closed' FROM n;""")
    found = [row for row in verify(path, code=1) if row["check"] == "events"]
    assert len(found) == 21 and found[-1]["finding"] == "and 30 more"


def test_damaged_pages(tmp_path):
    path = tmp_path / "damaged.db"
    make_large_file(path, samples=20_000)
    content = bytearray(path.read_bytes())
    content[len(content) // 2:len(content) // 2 + 4096 * 20] = b"\xa5" * 4096 * 20
    path.write_bytes(content)
    found = verify(path, code=1)
    assert [row for row in found if row["check"] == "integrity" and row["status"] == "wrong"]


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_truncated(fixture_path, tmp_path, keep):
    path = tmp_path / "truncated.db"
    content = fixture_path.read_bytes()
    path.write_bytes(content[:int(len(content) * keep)])
    result = run_query("verify", path)
    assert result.returncode == 1
    assert b"damaged" in result.stderr or b"wrong" in result.stdout


def test_sums_that_are_too_large(fixture_path, tmp_path):
    path = changed(fixture_path, tmp_path, "UPDATE connections SET bytes_sent = 9223372036854775807")
    check_failure(run_query("-r", path, "summary", "-b", "2026-11-21"), 1, "changed.db", "too large", "verify")
