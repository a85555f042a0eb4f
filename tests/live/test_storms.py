# SPDX-License-Identifier: Apache-2.0
"""The recorder starts, stops and is killed in the middle of many short connections:
each row is held against the log of the process that made the connection."""

import itertools
import os
import threading

import pytest

from recording import Recording
from servers import connected_pair, exchange
from storm import Storm, cookie

pytestmark = pytest.mark.slow

STORM = 20_000
CLIENT_EVENTS = ["connect", "established", "state FIN_WAIT1", "state FIN_WAIT2", "close"]
SERVER_EVENTS = ["accept", "state CLOSE_WAIT", "state LAST_ACK", "close"]


def rows_by_cookie(recording, recording_id=1):
    """There is only one row of each (cookie, generation), and no socket connected twice."""
    rows = recording.rows(
        "SELECT c.*, p.pid FROM connections c JOIN processes p ON p.id = c.process_id "
        "WHERE recording_id = ?", recording_id)
    by_cookie = {row["cookie"]: row for row in rows}
    assert len(by_cookie) == len(rows)
    assert {row["generation"] for row in rows} <= {1}
    return by_cookie


def events_by_connection(recording):
    rows = recording.rows(
        "SELECT e.connection_id AS id, iif(k.name = 'state', 'state ' || s.name, k.name) AS event "
        "FROM events e JOIN event_kinds k ON k.id = e.kind JOIN tcp_states s ON s.id = e.new_state "
        "ORDER BY e.id")
    events = {}
    for row in rows:
        events.setdefault(row["id"], []).append(row["event"])
    return events


def samples_by_connection(recording):
    rows = recording.rows("SELECT connection_id AS id, count(*) AS number, min(rtt_us) AS shortest, "
                          "avg(rtt_us) AS average, max(rtt_us) AS longest "
                          "FROM rtt_samples GROUP BY connection_id")
    return {row["id"]: (row["number"], row["shortest"], row["average"], row["longest"])
            for row in rows}


def fields(row, names):
    return tuple(row[name] for name in names.split())


def check_identity(row, made, is_client):
    """What is true of a row even when only a part of the connection was seen."""
    ends = [("127.0.0.1", made.client_port), (made.host, made.port)]
    local, peer = ends if is_client else reversed(ends)
    assert fields(row, "local_address local_port peer_address peer_port") == (*local, *peer)
    assert row["direction"] == ("active" if is_client else "passive")
    assert row["outcome"] in ("open", "closed")
    assert row["bytes_sent"] <= 1 and row["bytes_received"] <= 1
    assert row["pid"] in (made.pid, None)


def check_closed(row, made, is_client):
    """Of a row that was recorded from its first packet to its last."""
    check_identity(row, made, is_client)
    assert fields(row, "start_kind outcome errno closed_by pid bytes_sent bytes_received") == (
        "seen", "closed", 0, "local" if is_client else "peer", made.pid, 1, 1)


def check_times(row, made, offset_us):
    begun_us, ended_us = (ns // 1000 + offset_us for ns in (made.begun_ns, made.ended_ns))
    assert begun_us <= row["opened_us"] <= row["established_us"] <= ended_us
    assert row["established_us"] <= row["closed_us"]


class Recorded:
    """The rows of a recording beside what the storm's processes logged."""

    def __init__(self, recording, recording_id=1):
        self.rows = rows_by_cookie(recording, recording_id)
        self.events = events_by_connection(recording)
        self.samples = samples_by_connection(recording)
        (self.about,) = recording.rows("SELECT * FROM recordings WHERE id = ?", recording_id)

    def ends(self, made):
        """[(row or None, is_client)] of both ends."""
        return [(self.rows.get(made.client_cookie), True), (self.rows.get(made.server_cookie), False)]

    def has_any(self, made):
        return any(row for row, _ in self.ends(made))

    def check_whole(self, made):
        for row, is_client in self.ends(made):
            check_closed(row, made, is_client)
            check_times(row, made, self.about["clock_offset_us"])
            assert self.events[row["id"]] == (CLIENT_EVENTS if is_client else SERVER_EVENTS)
            self.check_samples(row)

    def check_samples(self, row):
        number, shortest, average, longest = self.samples.get(row["id"], (0, None, None, None))
        assert fields(row, "rtt_samples rtt_min_us rtt_max_us") == (number, shortest, longest)
        assert row["rtt_avg_us"] == pytest.approx(average)

    def check_partial(self, made):
        for row, is_client in self.ends(made):
            if row:
                check_identity(row, made, is_client)


def check_started_amid(recorded, log):
    """First connections without a row, then at most one cut in two, then whole rows.
    Returns how many are without."""
    absent = list(itertools.takewhile(lambda made: not recorded.has_any(made), log))
    started_ns = (recorded.about["started_us"] - recorded.about["clock_offset_us"]) * 1000
    assert all(made.begun_ns < started_ns for made in absent)
    for made in log[len(absent):len(absent) + 1]:
        recorded.check_partial(made)
    for made in log[len(absent) + 1:]:
        recorded.check_whole(made)
    return len(absent)


def check_stopped_amid(recorded, log):
    """Whole rows up to the stop, where one connection may be cut in two; then none.
    Returns how many have a row."""
    some = list(itertools.takewhile(recorded.has_any, log))
    for made in some[:-1]:
        recorded.check_whole(made)
    recorded.check_partial(some[-1])
    assert not any(recorded.has_any(made) for made in log[len(some):])
    return len(some)


class LongLived:
    """Pairs of connected sockets of this process; some of them are never silent."""

    def __init__(self, pairs):
        self.pairs = [connected_pair()[:2] for _ in range(pairs)]
        self.cookies = [tuple(map(cookie, pair)) for pair in self.pairs]
        self.exchanged = [0] * pairs
        for number in range(pairs):
            self.exchange(number)
        self.told_quiet = threading.Event()
        self.chat()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.be_quiet()
        for pair in self.pairs:
            for sock in pair:
                sock.close()

    def exchange(self, number):
        exchange(*self.pairs[number], b"q" * 2, b"r" * 3)
        self.exchanged[number] += 1

    def half(self):
        return range(0, len(self.pairs), 2)

    def close(self, number):
        client, server = self.pairs[number]
        client.close()
        assert server.recv(1) == b""
        server.close()

    def chat(self):
        """One half of them, until told to be quiet."""
        def talk():
            while not self.told_quiet.is_set():
                for number in self.half():
                    self.exchange(number)

        self.thread = threading.Thread(target=talk)
        self.thread.start()

    def be_quiet(self):
        self.told_quiet.set()
        self.thread.join()

    def check(self, recorded, number, outcome, start_kind):
        """Both rows of a pair."""
        sent = 2 * self.exchanged[number], 3 * self.exchanged[number]
        for end_cookie, payload in zip(self.cookies[number], (sent, sent[::-1])):
            row = recorded.rows[end_cookie]
            assert fields(row, "start_kind outcome pid bytes_sent bytes_received") == (
                start_kind, outcome, os.getpid(), *payload)
            recorded.check_samples(row)
            if start_kind == "preexisting":
                assert recorded.events[row["id"]].count("preexisting") == 1


def assert_nothing_lost(recording):
    assert recording.rows("SELECT * FROM loss_log") == []


def test_start_amid_a_storm(tmp_path, only_us):
    with (LongLived(200) as long_lived, Storm(STORM) as storm,
          Recording(tmp_path / "a.db", *only_us) as recording):
        logs = storm.finish()
        long_lived.be_quiet()
        for number in long_lived.half():
            long_lived.close(number)
        recording.stop()
        recorded = Recorded(recording)
        assert_nothing_lost(recording)
        absent = [check_started_amid(recorded, log) for log in logs]
        assert all(absent)
        for number in range(200):
            long_lived.check(recorded, number, "open" if number % 2 else "closed", "preexisting")
