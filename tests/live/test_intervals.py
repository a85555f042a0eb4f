# SPDX-License-Identifier: Apache-2.0
"""When bytes moved, against what the sender itself has noted. Only this process is recorded,
because a recorder looks more rarely where there are very many connections."""

import bisect
import contextlib
import threading
import time

import pytest

from recording import Recording
from servers import connected_pair

BURST = 100_000_000
PER_SECOND = 1_000_000
CHUNK = 10_000
BIN_US = 5_000_000
RATE_OFF = BIN_US / 1e6 * PER_SECOND // 100  # 1 % of what a bin of five seconds holds


class Stream:
    """Sends a burst, and then so much a second until it is stopped; knows when it sent what."""

    def __init__(self, burst=BURST):
        self.client, self.server, self.port = connected_pair()
        self.noted = [(time.time_ns() // 1000, 0)]  # a time, and what was sent by then
        self.burst = burst
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=one) for one in (self._receive, self._send)]
        for thread in self.threads:
            thread.start()

    def _receive(self):
        while self.server.recv(1 << 20):
            pass

    def _note(self, size):
        self.client.sendall(b"x" * size)
        self.noted.append((time.time_ns() // 1000, self.noted[-1][1] + size))

    def _send(self):
        for _ in range(self.burst // PER_SECOND):
            self._note(PER_SECOND)
        begin = time.monotonic()
        for sent in range(1, 1 << 30):
            if self.stopping.wait(max(0, begin + sent * CHUNK / PER_SECOND - time.monotonic())):
                return
            self._note(CHUNK)

    def last_for(self, seconds):
        time.sleep(seconds)

    def stop(self):
        self.stopping.set()
        self.threads[1].join()
        self.client.close()
        self.threads[0].join()
        self.server.close()
        return self

    def sent_by(self, time_us):
        """As if it had sent evenly between two notes."""
        at = bisect.bisect_right(self.noted, (time_us, 1 << 62))
        if at in (0, len(self.noted)):
            return self.noted[at - 1 if at else 0][1]
        (begin_us, begin), (end_us, end) = self.noted[at - 1], self.noted[at]
        return begin + (end - begin) * (time_us - begin_us) / (end_us - begin_us)

    def sent_between(self, begin_us, end_us):
        return self.sent_by(end_us) - self.sent_by(begin_us)


@contextlib.contextmanager
def stream(burst=BURST):
    one = Stream(burst)
    try:
        yield one
    finally:
        one.stop()


def intervals(recording, port, sender=True):
    """Those of one end, in the order in which they end."""
    return recording.rows(f"""
        SELECT from_us, until_us, bytes_sent, bytes_received, connection_id FROM intervals
        WHERE connection_id IN (SELECT id FROM connections
                                WHERE {'peer' if sender else 'local'}_port = ?)
        ORDER BY until_us""", port)


def moved_in(rows, begin_us, end_us, column="bytes_sent"):
    """As reports work it out: intervals at the ends of the window count in proportion."""
    return sum(row[column] * max(0, min(end_us, row["until_us"]) - max(begin_us, row["from_us"]))
               / (row["until_us"] - row["from_us"]) for row in rows)


def check_bins(rows, truth, begin_us, end_us, column="bytes_sent"):
    bins = range(int(begin_us), int(end_us) - BIN_US + 1, BIN_US)
    assert len(bins) > 0
    for first in bins:
        moved, sent = moved_in(rows, first, first + BIN_US, column), truth.sent_between(
            first, first + BIN_US)
        assert abs(moved - sent) <= RATE_OFF, (first - begin_us, moved, sent)


# What others do while a walk is under way would blur the time of an interval by more than 1 %.
@pytest.mark.alone
def test_a_burst_and_a_stream_are_told_when_they_move(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us) as recording:
        time.sleep(1.5)
        with stream() as truth:
            truth.last_for(13)
            rows = intervals(recording, truth.port)  # it is still open
            begin_us, last_us = truth.noted[0][0], rows[-1]["until_us"]
            assert last_us > time.time_ns() // 1000 - 3_000_000
            burst_over_us = truth.noted[BURST // PER_SECOND][0]
            over = next(row["until_us"] for row in rows if row["until_us"] >= burst_over_us)
            assert abs(moved_in(rows, begin_us - 2_000_000, over)
                       - truth.sent_by(over)) <= RATE_OFF
            check_bins(rows, truth, over, last_us)
            truth.last_for(1)
        recording.stop()
        for sender, column in ((True, "bytes_sent"), (False, "bytes_received")):
            rows = intervals(recording, truth.port, sender)
            assert sum(row[column] for row in rows) == truth.noted[-1][1]
            check_bins(rows, truth, over, rows[-1]["until_us"], column)
            assert all(row["until_us"] - row["from_us"] < 3_000_000 for row in rows)


@pytest.mark.alone
def test_a_connection_goes_on_across_kill_and_restart(tmp_path, only_us):
    with stream(0) as truth:
        for seconds in (1, 7):
            with Recording(tmp_path / "a.db", *only_us) as recording:
                truth.last_for(seconds)
                recording.wait_for("SELECT count(*) FROM connections WHERE peer_port = ? AND "
                                   f"has_intervals AND recording_id = {1 if seconds == 1 else 2}",
                                   truth.port)
                recording.kill()
        truth.last_for(2)
        with Recording(tmp_path / "a.db", *only_us) as recording:
            truth.last_for(7)
            recording.stop()
            rows = intervals(recording, truth.port)
            ends = recording.rows("SELECT id, bytes_sent, bytes_sent_before, has_intervals "
                                  "FROM connections WHERE peer_port = ? ORDER BY id", truth.port)
    assert [end["has_intervals"] for end in ends] == [1, 1, 1]
    check_bins(rows, truth, rows[0]["until_us"], rows[-1]["until_us"])
    told = ends[0]["bytes_sent_before"]
    for end in ends:  # each begins where the one before left off
        assert end["bytes_sent_before"] == told
        told += sum(row["bytes_sent"] for row in rows if row["connection_id"] == end["id"])
    assert told == ends[-1]["bytes_sent"]
    gap = next(row for row in rows if row["connection_id"] == ends[2]["id"])
    assert gap["until_us"] - gap["from_us"] > 2_000_000


def test_what_moves_after_a_restart_is_not_of_the_time_before(tmp_path, only_us):
    """Also if the first walks are of one commit interval."""
    of_client = "FROM intervals WHERE connection_id IN (SELECT id FROM connections WHERE peer_port = ?)"
    client, server, port = connected_pair()
    with Recording(tmp_path / "a.db", *only_us) as recording:
        recording.wait_for("SELECT count(*) FROM connections WHERE peer_port = ?", port)
        client.sendall(b"while it is recorded")
        recording.wait_for(f"SELECT count(*) {of_client}", port)
        recording.kill()
    client.sendall(b"while nobody records")
    with Recording(tmp_path / "a.db", *only_us, "--commit-interval", "3s") as recording:
        with stream(5_000_000) as newer:
            recording.wait_for(f"SELECT count(*) {of_client}", newer.port)
        recording.stop()
    client.close()
    server.close()
    began_us = recording.value("SELECT max(started_us) FROM recordings")
    assert recording.value(f"SELECT min(from_us) {of_client}", newer.port) >= began_us
    assert recording.value(f"SELECT sum(bytes_sent) {of_client} AND from_us < ? AND until_us > ?",
                           port, began_us, began_us) == len(b"while nobody records")


@pytest.mark.slow
def test_at_the_slowest_pace(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us, "--interval", "10s") as recording:
        with stream(0) as truth:
            truth.last_for(22)
        recording.stop()
        rows = intervals(recording, truth.port)
        assert sum(row["bytes_sent"] for row in rows) == truth.noted[-1][1]
        for row in rows:
            assert abs(row["bytes_sent"] - truth.sent_between(row["from_us"], row["until_us"])) \
                <= RATE_OFF * 2
        assert sum(row["until_us"] - row["from_us"] > 9_000_000 for row in rows) >= 1


def test_an_older_connection_has_intervals_of_what_moves_from_now_on(tmp_path, only_us):
    with stream(5_000_000) as truth:
        truth.last_for(0.5)
        with Recording(tmp_path / "a.db", *only_us) as recording:
            recording.wait_for("SELECT count(*) >= 3 FROM intervals WHERE connection_id IN "
                               "(SELECT id FROM connections WHERE peer_port = ?)", truth.port)
            recording.stop()
            rows = intervals(recording, truth.port)
            (row,) = recording.rows("SELECT * FROM connections WHERE peer_port = ?", truth.port)
    assert row["bytes_sent_before"] >= 5_000_000
    assert row["bytes_sent_before"] + sum(one["bytes_sent"] for one in rows) == row["bytes_sent"]


def test_interval_off_leaves_them_out(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us, "--interval", "off") as recording:
        with stream(1_000_000) as truth:
            truth.last_for(1.5)
        recording.stop()
        assert recording.value("SELECT count(*) FROM packed_intervals") == 0
        (row,) = recording.rows("SELECT * FROM connections WHERE peer_port = ?", truth.port)
        assert row["bytes_sent"] == truth.noted[-1][1] and row["has_intervals"] == 0
