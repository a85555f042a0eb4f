# SPDX-License-Identifier: Apache-2.0
"""What the reports count, against the same worked out here from the rows of the file."""
import collections
import json
import math
import sqlite3

import pytest

from query_driver import Query, recording

FAILURES = ("refused", "timeout", "unreachable", "reset", "aborted")
FIXTURE_S = 590.500001 + 1800.000001  # what its two recordings cover
KEYS = {  # how --by groups connections, as the columns it shows
    "peer": ("peer_address",), "process": ("pid", "comm"), "unit": ("systemd_unit",),
    "container": ("container_id",), "port": ("service_port",), "service": ("comm", "service_port"),
    "local": ("local_address",),
    "pair": ("local_address", "peer_address"), "connection": ("id",), "host": ("hostname",)}


@pytest.fixture(scope="module")
def db(fixture_path):
    db = sqlite3.connect(fixture_path)
    db.row_factory = sqlite3.Row
    yield db
    db.close()


LOCAL = ("10.0.0.5", "127.0.0.1", "2001:db8::5", "172.17.0.1", "172.17.0.2")

def is_within(row):
    return row["local_address"] is not None and row["peer_address"] in LOCAL


def once(query, group):
    """The rows of a group, where a connection whose both ends are in it is one row."""
    ids = {row["id"]: row for row in group}
    pairs = {row["client_id"]: row["server_id"] for row in answers(query, "pairs")
             if row["client_id"] in ids and row["server_id"] in ids}
    for client, server in ((ids[client], ids.pop(server)) for client, server in pairs.items()):
        ids[client["id"]] = {
            **client, "failed": client["failed"] or server["failed"],
            "bytes_sent": max(client["bytes_sent"], server["bytes_received"]),
            "bytes_received": max(client["bytes_received"], server["bytes_sent"])}
    return list(ids.values())


def service_port(row):
    ends = {"passive": row["local_port"], "active": row["peer_port"]}
    return ends.get(row["direction"]) or min(row["local_port"], row["peer_port"])


@pytest.fixture(scope="module")
def connections(db):
    rows = [dict(row) for row in db.execute("SELECT * FROM connection_log")]
    for row in rows:
        row["service_port"] = service_port(row)
        row["failed"] = row["outcome"] in FAILURES
    return rows


@pytest.fixture(scope="module")
def samples(db, connections):
    by_id = {row["id"]: row for row in connections}
    return [(by_id[row["connection_id"]], row["time_us"], row["rtt_us"])
            for row in db.execute("SELECT * FROM rtt_samples")]


def answers(query, *arguments):
    result = query(*arguments, "-n", "0", "-o", "json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def grouped(rows, by):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in KEYS[by])].append(row)
    return groups


def keyed(rows, by, *names):
    id_name = "connection_id" if rows and "connection_id" in rows[0] else "id"
    columns = [id_name if name == "id" else name for name in KEYS[by]]
    keyed_rows = {tuple(row[name] for name in columns): tuple(row[name] for name in names)
                  for row in rows}
    assert len(keyed_rows) == len(rows)
    return keyed_rows


def percentile(values, percent):
    return sorted(values)[max(1, math.ceil(len(values) * percent / 100)) - 1]


@pytest.mark.parametrize("by", ["peer", "process", "container", "unit", "port", "service", "pair",
                                "connection"])
def test_top_talkers(query, connections, by):
    rows = answers(query, "top-talkers", "--by", by)
    expected = {key: once(query, group) for key, group in grouped(connections, by).items()}
    assert keyed(rows, by, "connections", "failed", "bytes_sent", "bytes_received", "bytes_total",
                 "bytes_within") == {
        key: (len(group), sum(row["failed"] for row in group),
              sum(row["bytes_sent"] for row in group), sum(row["bytes_received"] for row in group),
              sum(row["bytes_sent"] + row["bytes_received"] for row in group),
              sum(row["bytes_sent"] + row["bytes_received"] for row in group if is_within(row)))
        for key, group in expected.items()}
    totals = [row["bytes_total"] for row in rows]
    assert totals == sorted(totals, reverse=True)
    for row, group in ((row, grouped(connections, by)[key]) for row, key in zip(
            rows, keyed(rows, by))):
        taken = sum(one["rtt_samples"] for one in group)
        rtt = sum((one["rtt_avg_us"] or 0) * one["rtt_samples"] for one in group)
        assert row["rtt_avg_us"] == (pytest.approx(rtt / taken) if taken else None)


@pytest.mark.parametrize("by", ["process", "peer", "service"])
def test_active(query, connections, by):
    moment = 1795266300000000
    of_each = {row["id"]: row for row in connections}
    groups = grouped([of_each[row["id"]] for row in answers(query, "active", "--at", f"@{moment}")], by)
    rows = answers(query, "active", "--by", by, "--at", f"@{moment}")
    assert keyed(rows, by, "connections", "opened_us", "bytes_sent", "bytes_received") == {
        key: (len(group), min(row["opened_us"] for row in group), sum(row["bytes_sent"] for row in group),
              sum(row["bytes_received"] for row in group)) for key, group in groups.items()}
    assert len(rows) > 1


WITHIN = """
    INSERT INTO connections (id, recording_id, cookie, generation, family, local_address, local_port,
      peer_address, peer_port, nat_peer_address, nat_peer_port, direction, pid_source, start_kind,
      opened_us, closed_us, outcome, bytes_sent, bytes_received)
    VALUES ({id}, 1, {id}, 1, 4, {ends}, 'unknown', 'seen', {opened}, {opened} + 1, 'reset', {sent},
            {received});"""


@pytest.fixture
def within_host(new_file):
    """Port 81: to this host, twice by the same port. Port 82: to a container, by an address that is
    translated. Port 83: to this host, of which the client alone is there. Port 84: to elsewhere."""
    loopback = "'127.0.0.1', {}, '127.0.0.1', {}, NULL, NULL, '{}'"
    rows = [(loopback.format(4000, 81, "active"), 10, 100, 7), (loopback.format(81, 4000, "passive"), 11, 7, 100),
            (loopback.format(4000, 81, "active"), 20, 30, 1), (loopback.format(81, 4000, "passive"), 21, 1, 30),
            ("'10.0.0.5', 4001, '10.0.0.5', 8082, '172.17.0.2', 82, 'active'", 30, 50, 3),
            ("'172.17.0.2', 82, '10.0.0.5', 4001, NULL, NULL, 'passive'", 31, 3, 50),
            ("'10.0.0.5', 4002, '10.0.0.5', 83, NULL, NULL, 'active'", 40, 9, 2),
            ("'10.0.0.5', 4003, '192.0.2.1', 84, NULL, NULL, 'active'", 50, 6, 5)]
    return Query(new_file(recording(0, 99, "stopped") + "".join(
        WITHIN.format(id=id, ends=ends, opened=opened, sent=sent, received=received)
        for id, (ends, opened, sent, received) in enumerate(rows, 1))))


def test_a_connection_within_the_host_counts_once(within_host):
    assert {row["service_port"]: tuple(row[name] for name in (
                "connections", "failed", "bytes_sent", "bytes_received", "bytes_total", "bytes_within"))
            for row in answers(within_host, "top-talkers", "--by", "port")} == {
        81: (2, 2, 130, 8, 138, 138), 82: (1, 1, 3, 50, 53, 53), 8082: (1, 1, 50, 3, 53, 53),
        83: (1, 1, 9, 2, 11, 11), 84: (1, 1, 6, 5, 11, 0)}
    assert {(row["peer_address"], row["service_port"]): (row["failures"], row["failures_within"],
                                                         row["failed_percent"])
            for row in answers(within_host, "failures", "--by", "peer")} == {
        ("127.0.0.1", 81): (2, 2, 100), ("10.0.0.5", 8082): (1, 1, 100), ("10.0.0.5", 82): (1, 1, 100),
        ("10.0.0.5", 83): (1, 1, 100), ("192.0.2.1", 84): (1, 0, 100)}


def test_an_end_that_a_filter_takes_alone_counts(within_host):
    for end in ("active", "passive"):
        rows = answers(within_host, "top-talkers", "--by", "port", f"direction {end} and port 81")
        assert [(row["connections"], row["bytes_total"], row["bytes_within"]) for row in rows] == [
            (2, 138, 138)]


@pytest.mark.parametrize("by", ["peer", "process", "port", "local", "connection", "host"])
def test_rtt(query, samples, by):
    groups = collections.defaultdict(list)
    for connection, _, rtt in samples:
        groups[tuple(connection[name] for name in KEYS[by])].append((connection["id"], rtt))
    rows = answers(query, "rtt", "--by", by)
    assert keyed(rows, by, "samples", "connections", "rtt_min_us", "rtt_p50_us", "rtt_p90_us",
                 "rtt_p95_us", "rtt_p99_us", "rtt_max_us") == {
        key: (len(group), len({one for one, _ in group}),
              *(percentile([rtt for _, rtt in group], percent)
                for percent in (0, 50, 90, 95, 99, 100)))
        for key, group in groups.items()}
    highest = [row["rtt_p99_us"] for row in rows]
    assert highest == sorted(highest, reverse=True)


def test_percentiles_of_a_window(query, samples):
    window = ("-b", "2026-11-21T13:00:20Z", "-e", "2026-11-21T13:01:00Z")
    rtts = [rtt for _, time, rtt in samples
            if 1795266020000000 <= time < 1795266060000000]
    row, = answers(query, "rtt", "--by", "host", *window)
    assert row["samples"] == len(rtts) > 10
    assert [row[f"rtt_p{p}_us"] for p in (50, 90, 95, 99)] == [
        percentile(rtts, p) for p in (50, 90, 95, 99)]


@pytest.mark.parametrize("count", [1, 2, 3, 10, 99, 100, 101, 1000])
def test_percentile_function(query, count):
    """Against the definition, for each whole P."""
    values = [(i * 7919) % count for i in range(count)]
    numbers = ", ".join(f"({value})" for value in values)
    rows = answers(query, "sql",
                   f"WITH x(v) AS (VALUES {numbers}), "
                   "p(p) AS (SELECT 0 UNION ALL SELECT p + 1 FROM p WHERE p < 100) "
                   "SELECT p, percentile(v, p) AS v FROM p, x GROUP BY p LIMIT :limit")
    assert [row["v"] for row in rows] == [percentile(values, p) for p in range(101)]


def test_percentile_of_nothing_and_of_nonsense(query):
    rows = answers(query, "sql", "SELECT percentile(NULL, 50) AS a, "
                                 "(SELECT percentile(1, 50) WHERE FALSE) AS b LIMIT :limit")
    assert rows == [{"a": None, "b": None}]
    for percent in ("101", "-1", "NULL", "'x'"):
        result = query("sql", f"SELECT percentile(1, {percent})")
        assert (result.returncode, result.stdout) == (1, b"")
        assert b"P is a number from 0 to 100" in result.stderr


@pytest.mark.parametrize("by, name", [("rtt", "rtt_avg_us"), ("handshake", "connect_us"),
                                      ("duration", "duration_us")])
def test_slowest(query, connections, by, name):
    values = sorted((row[name] for row in connections if row[name] is not None), reverse=True)
    assert [row[name] for row in answers(query, "slowest", "--by", by)] == values


def test_slowest_by_p99(query, samples):
    rtts = collections.defaultdict(list)
    for connection, _, rtt in samples:
        rtts[connection["id"]].append(rtt)
    rows = answers(query, "slowest", "--by", "p99")
    assert {row["id"]: row["rtt_p99_us"] for row in rows} == {
        one: percentile(values, 99) for one, values in rtts.items()}


def failure_groups(connections, columns):
    ended = [row for row in connections if row["closed_us"] is not None]
    groups = collections.defaultdict(list)
    for row in ended:
        groups[tuple(row[name] for name in columns)].append(row)
    return ended, {key: rows for key, rows in groups.items()
                   if any(row["failed"] for row in rows)}


@pytest.mark.parametrize("by, columns", [
    ("reason", ("outcome", "error")), ("peer", ("peer_address", "service_port")),
    ("process", ("pid", "comm"))])
def test_failures(query, connections, by, columns):
    ended, groups = failure_groups(connections, columns)
    keys = {tuple(row[name] for name in columns) for row in ended}
    in_all = sum(len(once(query, [row for row in ended if tuple(row[name] for name in columns) == key]))
                 for key in keys)
    rows = answers(query, "failures", "--by", by)
    assert len(rows) == len(groups)
    for row in rows:
        group = once(query, groups[tuple(row[name] for name in columns)])
        failed = [one for one in group if one["failed"]]
        among = in_all if by == "reason" else len(group)
        assert row["failures"] == len(failed)
        assert row["failures_within"] == sum(map(is_within, failed))
        assert row["failed_percent"] == pytest.approx(100 * len(failed) / among)
        assert row["failures_per_second"] == pytest.approx(len(failed) / FIXTURE_S)
        assert row["last_us"] == max(one["closed_us"] for one in failed)


def test_retransmits(query, db, connections):
    again = dict(db.execute("SELECT connection_id, sum(value) FROM events WHERE kind = 5 GROUP BY 1"))
    rows = {row["id"]: row for row in answers(query, "retransmits")}
    assert {one: row["retrans_in_window"] for one, row in rows.items()} == again
    for one in (one for one in connections if one["id"] in again):
        assert rows[one["id"]]["retrans_percent"] == pytest.approx(
            100 * one["retrans_segs"] / one["segs_sent"])
    by_peer = collections.Counter()
    for one in connections:
        by_peer[one["peer_address"]] += again.get(one["id"], 0)
    assert {row["peer_address"]: row["retrans_in_window"] for row in answers(
        query, "retransmits", "--by", "peer")} == {
            peer: count for peer, count in by_peer.items() if count}


def test_resets(query, connections):
    cut = [row for row in connections if row["outcome"] == "reset"]
    rows = answers(query, "resets")
    assert sum(row["resets"] for row in rows) == len(cut) == 2
    assert {(row["closed_by"], row["comm"], row["peer_address"], row["service_port"],
             row["duration_p50_us"]) for row in rows} == {
        (row["closed_by"], row["comm"], row["peer_address"], row["service_port"],
         row["duration_us"]) for row in cut}


def test_churn(query, connections):
    groups = collections.defaultdict(list)
    for row in connections:
        if row["start_kind"] == "seen":
            groups[row["comm"], row["direction"], row["peer_address"], row["service_port"]].append(row)
    expected = {}
    for key, rows in groups.items():
        lives = [row["duration_us"] for row in rows if row["duration_us"] is not None]
        short = sum(life < 1_000_000 for life in lives)
        seconds = collections.Counter(row["opened_us"] // 1_000_000 for row in rows)
        if short:
            expected[key] = (short, len(rows), max(seconds.values()), percentile(lives, 50))
    assert {(row["comm"], row["direction"], row["peer_address"], row["service_port"]):
            (row["short"], row["opened"], row["peak_per_second"], row["duration_p50_us"])
            for row in answers(query, "churn")} == expected


@pytest.mark.parametrize("seconds", [1, 60, 700])
def test_rate(query, connections, samples, seconds):
    interval = seconds * 1_000_000
    rows = {row["time_us"]: row for row in answers(
        query, "rate", "--interval", f"{seconds}s", "-b", "2026-11-21T13:00Z")}
    times = list(rows)
    assert times == list(range(times[0], times[-1] + 1, interval))
    assert times[0] <= 1795266000000000 < times[0] + interval
    expected = collections.defaultdict(collections.Counter)
    rtts = collections.defaultdict(list)
    for row in (row for row in connections if row["recording_id"] == 2):
        closed_in = expected[(row["closed_us"] or 0) // interval * interval]
        expected[row["opened_us"] // interval * interval]["opened"] += row["start_kind"] == "seen"
        closed_in["closed"] += row["outcome"] == "closed"
        closed_in["failed"] += row["failed"]
    for connection, time, rtt in samples:
        rtts[time // interval * interval].append(rtt)
    for time, row in rows.items():
        for name in ("opened", "closed", "failed"):
            assert row[name] == expected[time][name]
        assert row["rtt_samples"] == len(rtts[time])
        assert row["rtt_p95_us"] == (percentile(rtts[time], 95) if rtts[time] else None)


def test_rate_chooses_its_interval(query):
    for window, us in ((("-b", "2026-11-21T13:00Z", "-e", "2026-11-21T13:00:15Z"), 1),
                       (("-b", "2026-11-21T13:00Z", "-e", "2026-11-21T13:10Z"), 30),
                       (("-b", "2026-11-21T13:00Z"), 120), ((), 7200)):
        rows = answers(query, "rate", *window)
        assert rows[0]["interval_us"] == us * 1_000_000
        assert 10 < len(rows) <= 20


def test_rate_takes_the_newest(query):
    everything = answers(query, "rate", "--interval", "1m", "-b", "2026-11-21T13:00Z")
    result = query("rate", "--interval", "1m", "-b", "2026-11-21T13:00Z", "-n", "4", "-o", "json")
    assert json.loads(result.stdout) == everything[-4:]


def test_containers(query, connections):
    rows = answers(query, "containers")
    groups = grouped(connections, "container")
    assert keyed(rows, "container", "processes") == {
        key: (len({row["process_id"] for row in group} - {0}),) for key, group in groups.items()}
    assert keyed(rows, "container", "connections", "failed", "bytes_sent", "bytes_received") == {
        key: (len(group), sum(row["failed"] for row in group),
              sum(row["bytes_sent"] for row in group), sum(row["bytes_received"] for row in group))
        for key, group in ((key, once(query, group)) for key, group in groups.items())}


def test_filters_narrow_them(query):
    for report in ("retransmits", "churn", "failures"):
        more = ["--by", "process"] if report == "failures" else []
        assert 0 < len(answers(query, report, *more, "-c", "curl")) < len(
            answers(query, report, *more))


def test_connection(query, db):
    """Each has its timeline, and the other end that pairs finds for it."""
    ends = {}
    for row in answers(query, "pairs"):
        ends[row["client_id"]], ends[row["server_id"]] = row["server_id"], row["client_id"]
    for (one,) in list(db.execute("SELECT id FROM connections")):
        row, = json.loads(query("connection", str(one), "-o", "json").stdout)
        assert row["other_end"] == ends.get(one), one
        events = db.execute("SELECT time_us, value FROM events WHERE connection_id = ? "
                            "AND kind <> 8 ORDER BY id", (one,))
        assert [(event["time_us"], event["value"]) for event in row["timeline"]] == [
            tuple(event) for event in events]
        assert row["end_in_words"]
