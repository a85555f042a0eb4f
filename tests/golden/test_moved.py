# SPDX-License-Identifier: Apache-2.0
"""Bytes of a window are those that moved in it, against the same worked out here from the rows."""
import json
import sqlite3

import pytest

from query_driver import HERE, Query, make_file, run_query
from test_by import KEYS, connections, db, grouped, is_within, keyed, once  # two are fixtures

START = 1795266000000000  # of recording 2
S = 1_000_000


def window(begin_s, end_s):
    return START + int(begin_s * S), START + int(end_s * S)


def options(begin_us, end_us):
    return ("-b", f"@{begin_us / 1e6:.6f}", "-e", f"@{end_us / 1e6:.6f}")


WINDOWS = [window(20, 30), window(30, 40), window(0, 1800), window(21, 27), window(100.5, 130.25),
           window(1000, 1300), (1795165200000000, START + 50 * S)]


def answers(query, *arguments):
    result = query(*arguments, "-o", "json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def part(count, from_us, until_us, begin_us, end_us):
    """What lies in the window of something that came evenly: the difference of two sums."""
    def before(time_us):
        return count * (min(max(time_us, from_us), until_us) - from_us) // (until_us - from_us)
    return before(end_us) - before(begin_us)


def life_of(row, from_us, until_us):
    """What of an interval the connection was there."""
    until_us = min(until_us, row["closed_us"] or until_us)
    return (max(from_us, row["opened_us"]) if row["start_kind"] == "seen" else from_us), until_us


def moved(db, row, begin_us, end_us, span=life_of):
    if row["has_intervals"]:
        parts = [[part(count, *span(row, *times), begin_us, end_us) for count in counts]
                 for *counts, from_us, until_us in db.execute(
                     "SELECT bytes_sent, bytes_received, from_us, until_us FROM intervals "
                     "WHERE connection_id = ?", (row["id"],)) for times in [(from_us, until_us)]]
        return tuple(map(sum, zip((0, 0), *parts)))
    at = row["closed_us"] if row["counters_us"] is None else row["counters_us"]
    is_in = at is not None and begin_us <= at < end_us
    return ((row["bytes_sent"] - row["bytes_sent_before"],
             row["bytes_received"] - row["bytes_received_before"]) if is_in else (0, 0))


def alive(db, connections, begin_us, end_us):
    """The connections alive in the window, with the bytes of it."""
    more = {row["id"]: dict(row) for row in db.execute(
        "SELECT c.id, r.ended_us, c.counters_us, has_intervals, bytes_sent_before, "
        "bytes_received_before FROM connections c JOIN recordings r ON r.id = recording_id")}
    rows = []
    for row in connections:
        row = {**row, **more[row["id"]]}
        until_us = row["ended_us"] if row["closed_us"] is None else row["closed_us"]
        if row["opened_us"] < end_us and until_us >= begin_us:
            sent, received = moved(db, row, begin_us, end_us)
            rows.append({**row, "bytes_sent": sent, "bytes_received": received,
                         "failed": row["failed"] and row["closed_us"] < end_us})
    return rows


def total(rows, *names):
    return sum(row[name] or 0 for row in rows for name in names or ("bytes_sent", "bytes_received"))


@pytest.mark.parametrize("times", WINDOWS)
@pytest.mark.parametrize("by", ["peer", "process", "container", "unit", "port", "service", "pair",
                                "connection"])
def test_top_talkers_by(query, db, connections, by, times):
    rows = answers(query, "top-talkers", "--by", by, *options(*times))
    groups = {key: once(query, group)
              for key, group in grouped(alive(db, connections, *times), by).items()}
    assert keyed(rows, by, "connections", "failed", "bytes_sent", "bytes_received", "bytes_within") == {
        key: (len(group), total(group, "failed"), total(group, "bytes_sent"),
              total(group, "bytes_received"), total(row for row in group if is_within(row)))
        for key, group in groups.items()}
    assert sorted((row["bytes_total"] for row in rows), reverse=True) == [
        row["bytes_total"] for row in rows]


@pytest.mark.parametrize("times", WINDOWS)
def test_sums(query, db, connections, times):
    """Of reports that count each end."""
    rows = alive(db, connections, *times)
    sent, received = total(rows, "bytes_sent"), total(rows, "bytes_received")
    for report in ("top-talkers", "processes", "summary"):
        found = answers(query, report, *options(*times))
        assert (total(found, "bytes_sent"), total(found, "bytes_received")) == (sent, received)
        assert total(found, "connections") == len(rows)
    diff = run_query("-r", query.path, "diff", "-o", "json", "-n", "0", *(
        word for side in ("--before", "--after")
        for word in (side, "..".join(f"@{time / 1e6:.6f}" for time in times))))
    assert diff.stdout == b"[]\n"  # both windows are the same one


def test_diff(query):
    """5 has moved 200 MiB from 40 to 61 s, and 300 MiB from 61 to 120 s."""
    rows = json.loads(query("diff", "--before", f"@{START / S + 40}..@{START / S + 61}", "--after",
                            f"@{START / S + 61}..@{START / S + 120}", "-o", "json").stdout)
    (row,) = (row for row in rows if row["kind"] == "bytes" and row["peer_address"] == "198.51.100.7")
    assert (row["before"], row["after"]) == (200 << 20, 300 << 20)


def test_containers(query, db, connections):
    for times in WINDOWS:
        rows = answers(query, "containers", *options(*times))
        groups = {key: once(query, group) for key, group in grouped(
            alive(db, connections, *times), "container").items()}
        assert keyed(rows, "container", "bytes_sent", "bytes_received") == {
            key: (total(group, "bytes_sent"), total(group, "bytes_received"))
            for key, group in groups.items()}


@pytest.mark.parametrize("connection, begin_s, end_s, sent", [
    (5, 21, 27, 60 << 20), (5, 21, 24, 30 << 20), (5, 20, 21, 10 << 20), (5, 0, 1800, 700 << 20),
    (5, 26, 28, (10 << 20) + (10 << 20)), (3, 0, 1800, 8192), (1, 0, 1800, None),
    (12, 120.044, 120.045, 38112), (12, 119, 120.044, 0), (18, 649, 650.9, 0), (18, 650, 652, 1402)])
def test_by_hand(query, connection, begin_s, end_s, sent):
    rows = answers(query, "top-talkers", "--by", "connection", *options(*window(begin_s, end_s)))
    assert {row["id"]: row["bytes_sent"] for row in rows}.get(connection) == sent


@pytest.mark.parametrize("length", [7 * S + 1, 60 * S + 7, 600 * S])
def test_windows_that_follow_each_other_add_up(query, length):
    """To the byte, and to all that was moved; what moved before the recording is in none."""
    found = [answers(query, "summary", *options(begin, begin + length))[0]
             for begin in range(START, START + 1800 * S, length)]
    (row,) = answers(query, "sql", "SELECT sum(bytes_sent - bytes_sent_before) AS bytes_sent,"
                     "sum(bytes_received - bytes_received_before) AS bytes_received "
                     "FROM connections WHERE recording_id = 2")
    assert total(found) == total([row])


def test_a_moment_and_no_window_count_all_bytes(query, connections):
    of_each = {row["id"]: (row["bytes_sent"], row["bytes_received"]) for row in connections}
    for narrowing in (("--at", f"@{START // S + 30}"), ()):
        rows = answers(query, "top-talkers", "--by", "connection", *narrowing)
        assert {row["id"]: (row["bytes_sent"], row["bytes_received"]) for row in rows} == {
            row["id"]: of_each[row["id"]] for row in rows}


def bins(begin_us, end_us, length_us):
    """The intervals of rate, without what the window cuts of the first and the last one."""
    for time in range(begin_us // length_us * length_us, end_us, length_us):
        yield time, max(time, begin_us), min(time + length_us, end_us)


def moved_in(db, rows, begin_us, end_us):
    """What all of them moved then: rate splits what a batch has as a whole."""
    each = [moved(db, row, begin_us, end_us, lambda _, *times: times) for row in rows]
    return tuple(map(sum, zip((0, 0), *each)))


@pytest.mark.parametrize("times, seconds", [
    (WINDOWS[0], 1), (WINDOWS[2], 60), (WINDOWS[2], 700), (WINDOWS[4], 7), (WINDOWS[6], 86400)])
def test_rate(query, db, connections, times, seconds):
    rows = answers(query, "rate", "--interval", f"{seconds}s", *options(*times))
    of_window = alive(db, connections, 0, 1 << 62)
    recorded = (1795165200000000, START + 1800 * S)
    for row, (time, begin, end) in zip(rows, bins(*times, seconds * S), strict=True):
        sent, received = moved_in(db, whole(db, of_window), begin, end)
        assert row["time_us"] == time
        assert bytes_of(row) == about(sent, received)
        covered = (min(end, recorded[1] + 1) - max(begin, recorded[0])) / 1e6
        assert row["sent_bps"] == int(8 * row["bytes_sent"] / covered)
        assert row["received_bps"] == int(8 * row["bytes_received"] / covered)
    (of_all,) = answers(query, "rate", "--interval", "1000d", *options(*times))
    assert total(rows) == total([of_all])  # to the byte


def bytes_of(row):
    return row["bytes_sent"], row["bytes_received"]


def about(sent, received):
    """The report sums up the rows of a batch before it splits them."""
    return pytest.approx((sent, received), abs=6)


def about_all(numbers):
    return pytest.approx(list(numbers), abs=12)


def whole(db, rows):
    """With all their bytes again."""
    of_each = {row["id"]: dict(row) for row in db.execute(
        "SELECT id, bytes_sent, bytes_received FROM connections")}
    return [{**row, **of_each[row["id"]]} for row in rows]


@pytest.mark.parametrize("by", ["port", "process", "peer"])
@pytest.mark.parametrize("times, seconds", [(WINDOWS[2], 300), (WINDOWS[4], 10), (WINDOWS[0], 2)])
def test_rate_by(query, db, connections, by, times, seconds):
    """The five that moved the most, and the others in one row; all of it as without --by."""
    rows = answers(query, "rate", "--by", by, "--interval", f"{seconds}s", *options(*times))
    groups = grouped(whole(db, alive(db, connections, *times)), by)
    totals = {key: sum(moved_in(db, group, *times)) for key, group in groups.items()}
    first = sorted(totals, key=lambda key: -totals[key])[:5]
    count = 0
    for time, begin, end in bins(*times, seconds * S):
        own = [row for row in rows if row["time_us"] == time]
        count += len(own)
        keys = [tuple(row[name] for name in KEYS[by]) for row in own]
        assert [totals[key] for key in keys[:5]] == about_all(totals[key] for key in first)
        for row, key in zip(own, keys[:5]):
            assert bytes_of(row) == about(*moved_in(db, groups[key], begin, end))
            assert row["keys"] == 1
            assert row["opened"] == sum(one["start_kind"] == "seen" and begin <= one["opened_us"] < end
                                        for one in groups[key])
            assert row["failed"] == sum(one["failed"] and begin <= one["closed_us"] < end
                                        for one in groups[key])
        assert len(own) == min(len(groups), 6)
        if len(own) < 6:
            continue
        others = own[5]
        rest = [one for key, group in groups.items() if key not in keys[:5] for one in group]
        assert bytes_of(others) == about(*moved_in(db, rest, begin, end))
        assert others["keys"] == len(groups) - 5
    assert count == len(rows)


def test_rate_by_takes_the_newest_rows(query):
    everything = answers(query, "rate", "--by", "peer", "-n", "0")
    assert answers(query, "rate", "--by", "peer", "-n", "8") == everything[-8:]


def test_rate_of_a_filter(query, db, connections):
    rows = answers(query, "rate", "-c", "nginx", "--interval", "10s", *options(*WINDOWS[2]))
    own = whole(db, [row for row in alive(db, connections, *WINDOWS[2]) if row["comm"] == "nginx"])
    for row, (_, begin, end) in zip(rows, bins(*WINDOWS[2], 10 * S), strict=True):
        assert bytes_of(row) == about(*moved_in(db, own, begin, end))


def chart(numbers):
    """Digits from 0 to 7 as the report connection has them; None if there is nothing to show."""
    most = max(numbers)
    return "".join(str(int(7.999 * number / most)) for number in numbers) if most else None


@pytest.mark.parametrize("connection", [1, 3, 5, 9, 11, 15, 25, 26])
def test_charts_of_a_connection(query, db, connections, connection):
    (own,) = (row for row in connections if row["id"] == connection)
    rows = []
    for *counts, from_us, until_us in db.execute(
            "SELECT bytes_sent, bytes_received, from_us, until_us FROM connection_intervals "
            "WHERE connection_id = ?", (connection,)):
        if own["start_kind"] == "seen":
            from_us = max(from_us, own["opened_us"])
        rows.append((*counts, from_us, min(until_us, own["closed_us"] or until_us)))
    times = [time for (time,) in db.execute(
        "SELECT time_us FROM rtt_samples WHERE connection_id = ?", (connection,))]
    first = min([row[2] for row in rows] + times)
    length = max([row[3] for row in rows] + [time + 1 for time in times]) - first
    places = [(first + n * length // 40, first + (n + 1) * length // 40) for n in range(40)]
    (found,) = answers(query, "connection", str(connection))
    for name, column in (("sent_chart", 0), ("received_chart", 1)):
        assert found[name] == chart([sum(part(row[column], row[2], row[3], *place) for row in rows)
                                     for place in places])
    marks = {(time - first) * 40 // length for time in times}
    assert [mark != " " for mark in found["rtt_chart"]] == [n in marks for n in range(40)]


REPORTS = ("top-talkers", "processes", "containers", "summary")
ALL_BYTES = "connections count with all their bytes, as when these moved is not known: "


def changed(fixture_path, tmp_path, sql):
    path = tmp_path / "changed.db"
    path.write_bytes(fixture_path.read_bytes())
    with sqlite3.connect(path) as changed_db:
        changed_db.executescript(sql)
    changed_db.close()
    return Query(path)


KEPT = f"UPDATE retention SET kept_from_us = {START + 300 * S} WHERE kind = 'intervals'"
OFF = "UPDATE recordings SET options = 'rtt=every\ninterval=off' WHERE id = 2"


def test_charts_are_blank_before_the_oldest_intervals(query, fixture_path, tmp_path):
    (whole,) = answers(query, "connection", "11")
    other = changed(fixture_path, tmp_path, KEPT + ''';
        UPDATE batches SET first_interval_id = NULL
        WHERE intervals_until_us <= (SELECT kept_from_us FROM retention WHERE kind = 'intervals')''')
    (left,) = answers(other, "connection", "11")
    for name in ("sent_chart", "received_chart"):
        blank = len(left[name]) - len(left[name].lstrip())
        assert 0 < blank < 40 and " " not in left[name].lstrip()
        assert len(left[name]) == 40 and " " not in whole[name]


@pytest.mark.parametrize("sql, begin_s, why", [
    (KEPT, 299, "intervals before 2026-11-21 14:05:00 are no longer in changed.db"), (KEPT, 300, None),
    (OFF, 299, "the recording from 2026-11-21 14:00:00 has no intervals (--interval off)")])
def test_without_intervals_all_bytes_count(query, fixture_path, tmp_path, sql, begin_s, why):
    other = changed(fixture_path, tmp_path, sql)
    times = options(*window(begin_s, 1000))
    for report in REPORTS:
        result = other(report, *times, "-o", "json")
        assert (ALL_BYTES in result.stderr.decode()) == (why is not None), report
        if why:
            assert f"ctrack-query: {ALL_BYTES}{why}\n" in result.stderr.decode()
    for words in (("rate",), ("rate", "--by", "port")):
        rows = answers(other, *words, *times)  # then as of 15, which ends later, none count
        assert (total(rows) == 0) == (why is not None)
    rows = answers(other, "top-talkers", "--by", "connection", *times)
    (sent,) = (row["bytes_sent"] for row in rows if row["id"] == 11)
    assert (sent == 2411008) == (why is not None)
    said = other("diff", "--before", f"@{START // S + begin_s}..@{START // S + 1000}", "--after",
                 f"@{START // S + 1100}..@{START // S + 1200}").stderr.decode()
    assert (f"--before: {ALL_BYTES}" in said) == (why is not None)


def test_an_anonymized_file_says_that_it_has_no_intervals(query, fixture_path, tmp_path):
    key = tmp_path / "key"
    key.write_bytes(bytes(range(32)))
    key.chmod(0o600)
    hidden = tmp_path / "hidden.db"
    assert changed(fixture_path, tmp_path, OFF)("snapshot", "--anonymize", key, "-o", hidden).returncode == 0
    assert ALL_BYTES in Query(hidden)("summary", *options(*window(299, 1000))).stderr.decode()


def test_the_recording_without_intervals_is_not_in_the_window(query, fixture_path, tmp_path):
    other = changed(fixture_path, tmp_path, OFF)
    assert ALL_BYTES not in other("summary", "-e", "2026-11-20 10:05").stderr.decode()


def test_users_sql_may_ask_for_it(query, fixture_path, tmp_path):
    sql = ("SELECT id, bytes_sent_in_window AS sent, bytes_sent FROM chosen_connections "
           "WHERE id IN (3, 5) AND opened_us < :end_us AND :begin_us < 1e18 ORDER BY id")
    assert [row["sent"] for row in answers(query, "sql", sql, *options(*window(21, 27)))] == [4096, 60 << 20]
    of_all = answers(query, "sql", sql.replace(":end_us", "1e18").replace(":begin_us", "0"))
    assert [row["sent"] for row in of_all] == [row["bytes_sent"] for row in of_all]
    own = "SELECT sum(bytes_sent) FROM chosen_intervals WHERE from_us < :end_us"
    for words, is_told in ((sql, True), (own, False)):  # who asks for intervals sees what there is
        said = changed(fixture_path, tmp_path, OFF)("sql", words, *options(*window(21, 27))[2 * (not is_told):])
        assert (ALL_BYTES in said.stderr.decode()) == is_told


def test_a_snapshot_counts_what_moved_in_its_window(query, tmp_path):
    path = tmp_path / "part.db"
    times = options(*window(24, 100))
    assert query("snapshot", *times, "-o", path).returncode == 0
    for report in REPORTS:
        (whole, part_of_it) = (answers(query, report, *times), answers(Query(path), report))
        assert total(part_of_it) == pytest.approx(total(whole), abs=10)  # it is a microsecond longer


@pytest.mark.parametrize("report", [["top-talkers"], *(["top-talkers", "--by", by] for by in (
    "peer", "process", "container", "unit", "port", "service", "pair", "connection")),
    ["processes"], ["containers"], ["summary"], ["rate"],
    *(["rate", "--by", by] for by in ("port", "process", "peer"))])
def test_several_files(query, fixture_path, tmp_path, report):
    """Of two hosts; one of them has twice as many of each connection's bytes."""
    make_file(tmp_path / "double.db", (HERE / "fixture.sql").read_text().replace("web1", "web2") + """
        UPDATE connections SET bytes_sent = 2 * bytes_sent, bytes_received = 2 * bytes_received,
               bytes_sent_before = 2 * bytes_sent_before, bytes_received_before = 2 * bytes_received_before;
        UPDATE packed_intervals SET bytes_sent = 2 * bytes_sent, bytes_received = 2 * bytes_received;""")
    for times in WINDOWS[:5]:
        one = answers(query, *report, *options(*times))
        both = json.loads(run_query("-r", fixture_path, tmp_path / "double.db", *report,
                                    *options(*times), "-o", "json").stdout)
        assert total(both) == pytest.approx(3 * total(one), abs=2 * len(both) + 10)
