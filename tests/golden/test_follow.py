# SPDX-License-Identifier: Apache-2.0
"""events -F beside a writer that commits like the recorder."""
import json
import os
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

from query_driver import QUERY, alive, let_insert, recording

START = 1_795_266_000_000_000
SOON_S = 1.0  # a commit interval


class Writer:
    """A recorder at work: one row of recordings, then events, each in its commit."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(recording(START, "NULL", "running") + alive() + """
            INSERT INTO connections (id, recording_id, cookie, generation, family, local_address,
                                     local_port, peer_address, peer_port, direction, pid_source,
                                     start_kind, opened_us, outcome)
            VALUES (1, 1, 1, 1, 4, '10.0.0.1', 40000, '10.0.0.2', 443, 'active', 'connect', 'seen',
                    """ + f"{START}, 'open');")
        let_insert(self.db)
        self.events = 0

    def commit(self, *values):
        self.db.execute("BEGIN")
        for value in values:
            self.events += 1
            self.db.execute("INSERT INTO events VALUES (?, 1, ?, 5, 1, 1, ?)",
                            (self.events, START + self.events, value))
        first, last = self.events - len(values) + 1, self.events
        self.db.execute("INSERT INTO batches (recording_id, committed_us, first_time_us, "
                        "last_time_us, first_event_id, last_event_id) VALUES (1, ?, ?, ?, ?, ?)",
                        (START + last, START + first, START + last, first, last))
        self.db.execute("COMMIT")

    def stop(self):
        self.db.execute(f"UPDATE recordings SET end_kind = 'stopped', ended_us = {START + 10**6}")


class Follower:
    """A running ctrack-query events -F; its lines with the times they came."""

    def __init__(self, path, *arguments):
        self.process = subprocess.Popen(
            [QUERY, "-r", path, "events", "-F", *arguments], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"})
        self.lines = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        self.process.wait()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.decode())

    def wait_for(self, count, seconds=10.0):
        deadline = time.monotonic() + seconds
        while len(self.lines) < count:
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.01)
        return self.lines

    def end(self):
        code = self.process.wait(10)
        self.reader.join()
        return code, self.process.stderr.read()


@pytest.fixture
def path(new_file):
    return new_file("PRAGMA journal_mode = WAL;")


@pytest.fixture
def writer(path):
    writer = Writer(path)
    yield writer
    writer.db.close()


def values(lines):
    return [json.loads(line)["value"] for line in lines]


def test_new_rows_come_soon_and_once(path, writer):
    writer.commit(1, 2, 3)
    with Follower(path, "-o", "ndjson", "-n", "2") as follower:
        assert values(follower.wait_for(2)) == [2, 3]
        for count in range(4, 14):
            writer.commit(count)
            follower.wait_for(count - 1, SOON_S)
        writer.commit(*range(14, 50))
        writer.stop()
        assert follower.end()[0] == 0
        assert values(follower.lines) == list(range(2, 50))


def test_ids_that_begin_anew(path, writer):
    """As after --max-age has deleted all events."""
    writer.commit(1, 2, 3)
    with Follower(path, "-o", "ndjson") as follower:
        follower.wait_for(3)
        writer.db.executescript(
            "BEGIN; DELETE FROM events; UPDATE batches SET first_event_id = NULL, "
            "last_event_id = NULL; COMMIT")
        writer.events = 0
        writer.commit(4)
        assert values(follower.wait_for(4)) == [1, 2, 3, 4]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(path, writer, number):
    writer.commit(1)
    with Follower(path) as follower:
        follower.wait_for(2)
        time.sleep(0.3)
        follower.process.send_signal(number)
        assert follower.end() == (0, b"")


def test_it_ends_when_the_recorder_has_stopped(path, writer):
    with Follower(path, "-o", "ndjson") as follower:
        time.sleep(0.5)
        writer.commit(7)
        writer.stop()
        code, errors = follower.end()
        assert (code, values(follower.lines)) == (0, [7])
        assert b"no recorder writes to" in errors


def test_it_ends_when_the_recorder_was_killed(path, writer):
    writer.commit(7)
    with Follower(path, "-o", "ndjson") as follower:
        follower.wait_for(1)
        writer.db.executescript(alive(age_s=60))
        assert b"no recorder writes to" in follower.end()[1]


def test_it_goes_on_after_a_suspension(path, writer):
    """The last commit is an hour old, until the recorder commits again."""
    with Follower(path, "-o", "ndjson") as follower:
        writer.commit(7)
        follower.wait_for(1)
        writer.db.executescript(alive(age_s=3600))
        time.sleep(1)
        writer.db.executescript(alive())
        writer.commit(8)
        assert values(follower.wait_for(2)) == [7, 8]


def test_it_goes_on_where_the_file_was_moved_away(path, writer, tmp_path):
    with Follower(path, "-o", "ndjson") as follower:
        writer.commit(7)
        follower.wait_for(1)
        os.rename(path, tmp_path / "moved.db")
        time.sleep(1)
        os.rename(tmp_path / "moved.db", path)
        writer.commit(8)
        assert values(follower.wait_for(2)) == [7, 8]


def test_a_table_has_its_headings_once(path, writer):
    writer.commit(1)
    with Follower(path) as follower:
        follower.wait_for(2)
        writer.commit(2, 300000)
        lines = follower.wait_for(4)
        writer.stop()
        follower.end()
    assert [line.startswith("TIME") for line in lines] == [True, False, False, False]
    assert len({line.index("10.0.0.1:40000") for line in lines[1:]}) == 1
    assert lines[3].endswith("300000 segments\n")


def test_nobody_reads_any_more(path, writer):
    """As ctrack-query events -F | head -1, though nothing happens after that."""
    writer.commit(1)
    with subprocess.Popen([QUERY, "-r", path, "events", "-F"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(10) in (0, -signal.SIGPIPE)
        assert process.stderr.read() == b""


def test_a_filter_narrows_it(path, writer):
    with Follower(path, "-o", "ndjson", "peer port 80") as follower:
        writer.commit(1)
        writer.stop()
        follower.end()
        assert follower.lines == []
    with Follower(path, "-o", "ndjson", "peer port 443", "-f", "value") as follower:
        follower.end()
        assert follower.lines == ['{"value":1}\n']


def test_it_begins_so_long_ago(path, writer):
    writer.commit(1)
    writer.db.execute("UPDATE events SET time_us = ?", (time.time_ns() // 1000 - 3600_000_000,))
    writer.db.execute("UPDATE batches SET first_time_us = NULL, last_time_us = ?", (time.time_ns() // 1000,))
    writer.stop()
    for last, shown in (("30m", []), ("2h", [1])):
        with Follower(path, "-o", "ndjson", "--last", last) as follower:
            assert follower.end()[0] == 0
            assert values(follower.lines) == shown
    with Follower(path, "--last", "10") as follower:
        assert follower.end() == (2, b"ctrack-query: bad --last '10': expected a length of time, as 10m or 2h30m\n")


def test_times_as_text(path, writer):
    writer.commit(1)
    writer.stop()
    with Follower(path, "-o", "ndjson", "--times", "iso", "-f", "time_us") as follower:
        follower.end()
        assert follower.lines == ['{"time":"2026-11-21T13:00:00.000001+00:00"}\n']
