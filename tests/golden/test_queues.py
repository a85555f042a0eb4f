# SPDX-License-Identifier: Apache-2.0
"""What listeners and network namespaces turned away, against the fixture's rows added up in Python."""
import collections
import json
import shutil
import sqlite3

import pytest

from files import S, run

START = 1795266000 * S  # of recording 2
WINDOWS = [(0, 2000), (33, 43), (43, 53), (40, 44), (53, 133), (134, 135), (313, 323), (500, 600)]
SUMS = ("drops", "listen_overflows", "syn_cookies_sent", "resets_sent", "syn_queue_drops",
        "attempt_fails")


def rows_of(path, sql):
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    rows = [dict(row) for row in db.execute(sql)]
    db.close()
    return rows


def readings(path, begin, end):
    """The rows of both tables that overlap the window, as (place, row)."""
    def is_in(row):
        return row["until_us"] > START + begin * S and row["from_us"] < START + end * S
    listeners = {row["id"]: f"{row['local_address']}:{row['local_port']}"
                 for row in rows_of(path, "SELECT * FROM listeners")}
    for row in filter(is_in, rows_of(path, "SELECT * FROM accept_queues")):
        yield listeners[row["listener_id"]], row
    for row in filter(is_in, rows_of(path, "SELECT *, listen_drops AS drops FROM netns_counters")):
        yield f"netns {row['netns']}", row


def answers(path, *arguments):
    return json.loads(run("-r", path, "pressure", *arguments, "-o", "json").stdout)


def window_of(begin, end):
    return "-b", f"@{START // S + begin}", "-e", f"@{START // S + end}"


@pytest.mark.parametrize("begin, end", WINDOWS)
def test_sums_of_a_window(fixture_path, begin, end):
    expected = collections.defaultdict(list)
    for place, row in readings(fixture_path, begin, end):
        expected[place].append(row)
    told = {row["place"]: row for row in answers(fixture_path, *window_of(begin, end))}
    assert told.keys() == expected.keys()
    for place, rows in expected.items():
        for name in SUMS:
            values = [row[name] for row in rows if name in row]
            assert told[place][name] == (sum(values) if values else None)
        for name in ("queue_max", "queue_limit"):
            assert told[place][name] == max((row[name] for row in rows if name in row), default=None)
        assert told[place]["last_us"] == max(row["until_us"] for row in rows)


@pytest.mark.parametrize("begin, end", WINDOWS)
def test_by_time(fixture_path, begin, end):
    expected = {(row["until_us"], place, row["drops"]) for place, row in readings(fixture_path, begin, end)}
    told = answers(fixture_path, "--by", "time", *window_of(begin, end))
    assert {(row["time_us"], row["place"], row["drops"]) for row in told} == expected


def test_a_filter_takes_listeners_and_their_namespaces(fixture_path):
    assert {row["place"] for row in answers(fixture_path, "port 80")} == {
        "0.0.0.0:80", "netns 4026531840"}
    assert {row["place"] for row in answers(fixture_path, "-c", "postgres")} == {
        "127.0.0.1:5432", "netns 4026531840"}
    assert answers(fixture_path, "port 81") == []


def test_a_namespace_whose_listeners_have_one_program(fixture_path):
    def program(*arguments):
        return {row["place"]: row["comm"] for row in answers(fixture_path, *arguments)}["netns 4026531840"]
    assert program() is None
    assert program("-c", "nginx") == "nginx"


def said_by(path, *arguments):
    """What failures says of listeners on stderr."""
    lines = run("-r", path, "failures", *arguments).stderr.decode().splitlines()
    return [line for line in lines if "dropped by listeners" in line]


def test_failures_name_listeners_that_dropped_packets(fixture_path):
    expected = ["ctrack-query: dropped by listeners in this window: 16 packets at 0.0.0.0:80 (nginx: "
                f"its accept queue was full); ctrack-query -r {fixture_path} pressure lists them"]
    for arguments in ((), ("--by", "reason"), ("port 80",), ("-o", "json"), window_of(40, 60)):
        assert said_by(fixture_path, *arguments) == expected, arguments
    for arguments in (("port 443",), ("rtt > 5ms",), window_of(100, 200)):
        assert said_by(fixture_path, *arguments) == [], arguments
    assert b"dropped by listeners" not in run("-r", fixture_path, "connections").stderr


def test_one_packet_and_a_queue_that_was_not_full(fixture_path, tmp_path):
    path = tmp_path / "changed.db"
    shutil.copy(fixture_path, path)
    db = sqlite3.connect(path)
    db.executescript("UPDATE accept_queues SET drops = 1, queue_len = 0, queue_max = 5 WHERE drops = 12;"
                     "DELETE FROM accept_queues WHERE drops = 4")
    (line,) = said_by(path)
    assert ": 1 packet at 0.0.0.0:80 (nginx: accept queues in its network namespace were full);" in line
    db.executescript("UPDATE netns_counters SET listen_overflows = 0")
    db.close()
    (line,) = said_by(path)
    assert ": 1 packet at 0.0.0.0:80 (nginx);" in line


def test_a_listener_of_two_recordings_is_named_once(fixture_path, tmp_path):
    path = tmp_path / "restarted.db"
    shutil.copy(fixture_path, path)
    db = sqlite3.connect(path)
    db.executescript("""
        CREATE TEMP TABLE again AS SELECT * FROM listeners WHERE id = 1;
        UPDATE again SET id = 99, recording_id = 1, opened_us = started_us, closed_us = ended_us
        FROM recordings r WHERE r.id = 1;
        INSERT INTO listeners SELECT * FROM again;
        INSERT INTO accept_queues (recording_id, until_us, listener_id, from_us, queue_len, queue_max,
                                   queue_limit, drops)
        SELECT 1, started_us + 9000000, 99, started_us, 129, 129, 128, 5 FROM recordings WHERE id = 1;
    """)
    db.close()
    (line,) = said_by(path)
    assert "window: 21 packets at 0.0.0.0:80 (nginx: its accept queue was full); " in line
