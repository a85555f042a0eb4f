# SPDX-License-Identifier: Apache-2.0
"""What a recording holds, against what the processes of a storm logged."""

import itertools
import os


CLIENT_EVENTS = ["connect", "established", "state FIN_WAIT1", "state FIN_WAIT2", "close"]
SERVER_EVENTS = ["accept", "state CLOSE_WAIT", "state LAST_ACK", "close"]
EVENTS_OF_BOTH = len(CLIENT_EVENTS) + len(SERVER_EVENTS)


def rows_by_cookie(recording, recording_id):
    """There is only one row of each (cookie, generation), and no socket connects twice."""
    rows = recording.rows(
        "SELECT c.*, p.pid FROM connections c JOIN processes p ON p.id = c.process_id "
        "WHERE recording_id = ?", recording_id)
    by_cookie = {row["cookie"]: row for row in rows}
    assert len(by_cookie) == len(rows)
    assert {row["generation"] for row in rows} <= {1}
    return by_cookie


def events_by_connection(recording):
    """Retransmissions left out: a busy host may make some."""
    rows = recording.rows(
        "SELECT e.connection_id AS id, iif(k.name = 'state', 'state ' || s.name, k.name) AS event "
        "FROM events e JOIN event_kinds k ON k.id = e.kind JOIN tcp_states s ON s.id = e.new_state "
        "WHERE k.name NOT IN ('retransmit', 'retransmit_failed', 'rto') ORDER BY e.id")
    events = {}
    for row in rows:
        events.setdefault(row["id"], []).append(row["event"])
    return events


def samples_by_connection(recording):
    rows = recording.rows("SELECT connection_id AS id, count(*) AS number, min(rtt_us) AS shortest, "
                          "max(rtt_us) AS longest, sum(rtt_us) AS total "
                          "FROM rtt_samples GROUP BY connection_id")
    return {row.pop("id"): tuple(row.values()) for row in rows}


def fields(row, names):
    return tuple(row[name] for name in names.split())


def check_identity(row, made, is_client):
    """What is true of a row even when only a part of the connection was seen."""
    ends = [("127.0.0.1", made.client_port), (made.host, made.port)]
    local, peer = ends if is_client else reversed(ends)
    assert fields(row, "local_address local_port peer_address peer_port") == (*local, *peer)
    assert row["direction"] in ("active" if is_client else "passive", "unknown")
    assert row["bytes_sent"] <= 1 and row["bytes_received"] <= 1
    assert row["pid"] in (made.pid, None)


def check_closed(row, made, is_client):
    """Of a row that has the connection's last record."""
    check_identity(row, made, is_client)
    assert fields(row, "direction start_kind outcome errno closed_by pid bytes_sent "
                  "bytes_received") == ("active" if is_client else "passive", "seen", "closed", 0,
                                        "local" if is_client else "peer", made.pid, 1, 1)


class Recorded:
    """The rows of a recording."""

    def __init__(self, recording, recording_id=1):
        self.rows = rows_by_cookie(recording, recording_id)
        self.events = events_by_connection(recording)
        self.samples = samples_by_connection(recording)
        (self.about,) = recording.rows("SELECT * FROM recordings WHERE id = ?", recording_id)

    def boottime_us(self, wall_us):
        return wall_us - self.about["clock_offset_us"]

    def ends(self, made):
        """[(row, is_client)] of those ends that have a row."""
        ends = [(made.client_cookie, True), (made.server_cookie, False)]
        return [(self.rows[cookie], is_client) for cookie, is_client in ends if cookie in self.rows]

    def check_whole(self, made):
        """Seen from the first packet to the last: nothing is missing, nothing too much."""
        assert len(self.ends(made)) == 2
        for row, is_client in self.ends(made):
            check_closed(row, made, is_client)
            self.check_times(row, made)
            assert self.events[row["id"]] == (CLIENT_EVENTS if is_client else SERVER_EVENTS)
            self.check_samples(row)

    def check_cut(self, made):
        """Begun before the recording, or not ended in it. The first record of an end has all that
        is known of it, and nothing of it is recorded before."""
        for row, is_client in self.ends(made):
            check_identity(row, made, is_client)
            assert row["cgroup_id"] != 0 and row["netns"] is not None
            assert self.events[row["id"]][0] in ("connect", "accept", "preexisting", "close")
            assert row["outcome"] in ("open", "closed")

    def check_times(self, row, made):
        opened_us, established_us, closed_us = map(
            self.boottime_us, fields(row, "opened_us established_us closed_us"))
        assert made.begun_ns // 1000 <= opened_us <= established_us <= made.ended_ns // 1000
        assert established_us <= closed_us

    def check_samples(self, row):
        """Each is stored, and the row's figures are made of them."""
        number, shortest, longest, total = self.samples.get(row["id"], (0, None, None, 0))
        if self.is_cut_off(row):
            assert number <= row["rtt_samples"]
            return
        assert fields(row, "rtt_samples rtt_min_us rtt_max_us rtt_sum_us") == (
            number, shortest, longest, total)

    def is_cut_off(self, row):
        """Closed just before a recorder was killed: its last samples still waited in their
        ring, which is read before the other."""
        return (self.about["end_kind"] == "crashed" and
                row["closed_us"] > self.about["ended_us"] - 500_000)

    def check_long_lived(self, long_lived, start_kind):
        """Both rows of each pair, those of the pairs still open too."""
        for number, cookies in enumerate(long_lived.cookies):
            outcome = "closed" if long_lived.is_closed(number) else "open"
            self.check_pair(long_lived, number, (start_kind, outcome))
            for cookie, events in zip(cookies, (CLIENT_EVENTS, SERVER_EVENTS)):
                row = self.rows[cookie]
                self.check_samples(row)
                opening = 2 if events is CLIENT_EVENTS else 1
                start = events[:opening] if start_kind == "seen" else ["preexisting"]
                end = events[opening:] if outcome == "closed" else []
                assert self.events[row["id"]] == start + end

    def check_pair(self, long_lived, number, kinds):
        """What the rows themselves say of both ends."""
        sent, received = long_lived.bytes(number)
        for cookie, counters in zip(long_lived.cookies[number],
                                    ((sent, received), (received, sent))):
            assert fields(self.rows[cookie], "start_kind outcome bytes_sent bytes_received") == (
                *kinds, *counters)
            assert self.rows[cookie]["pid"] == os.getpid()

    def check_nothing_else(self, logs, others):
        """Each row belongs to one of the ends logged, or to one of the others."""
        logged = sum(len(self.ends(made)) for log in logs for made in log)
        assert len(self.rows) == logged + others


def check_started_amid(recorded, log):
    """First connections without a row, then at most one cut in two, then whole rows.
    Returns how many are without."""
    absent = list(itertools.takewhile(lambda made: not recorded.ends(made), log))
    started_us = recorded.boottime_us(recorded.about["started_us"])
    assert all(made.begun_ns < started_us * 1000 for made in absent)
    for made in log[len(absent):len(absent) + 1]:
        recorded.check_cut(made)
    for made in log[len(absent) + 1:]:
        recorded.check_whole(made)
    return len(absent)


def check_stopped_amid(recorded, log):
    """Whole rows up to the stop, where one connection may be cut in two; then none.
    Returns how many have a row."""
    some = list(itertools.takewhile(recorded.ends, log))
    for made in some[:-1]:
        recorded.check_whole(made)
    recorded.check_cut(some[-1])
    assert not any(recorded.ends(made) for made in log[len(some):])
    return len(some)
