# SPDX-License-Identifier: Apache-2.0
"""What -b, -e and -n choose, and what is said about losses in the window."""
import datetime
import json
import sqlite3
import time
import zoneinfo

import pytest

from query_driver import HERE, Query, alive, make_file, recording, run_query
from test_errors import check_failure

NOTHING = ("ctrack-query: nothing was recorded in this window: fixture.db is from "
           "2026-11-20 10:00:00.000000 to 2026-11-21 14:30:00.000000\n")
MOMENT = NOTHING.replace("in this window", "at this moment")
LOSS = "ctrack-query: lost in this window: {}; ctrack-query -r fixture.db losses lists them\n"


def chosen(query, *arguments):
    result = query(*arguments, "-o", "json", "-n", "0")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def ids(query, *arguments):
    return sorted(row["id"] for row in chosen(query, *arguments))


def test_connections_alive_in_the_window(query):
    # opened before, within, and still open; 14 began earlier and lasts until 14:05:31
    assert ids(query, "connections", "-b", "2026-11-21 14:05", "-e", "2026-11-21 14:07") == [
        3, 11, 14, 15]


def test_begin_is_within_and_end_is_not(query):
    opened = "2026-11-21 14:02:00.000000"
    assert 12 in ids(query, "connections", "-b", opened)
    assert 12 not in ids(query, "connections", "-e", opened)
    assert 12 in ids(query, "connections", "-e", "2026-11-21 14:02:00.000001")
    closed = "2026-11-21 14:02:00.044210"
    assert 12 in ids(query, "connections", "-b", closed)
    assert 12 not in ids(query, "connections", "-b", "2026-11-21 14:02:00.044211")


def test_failures_happen_in_the_window(query):
    assert ids(query, "failures", "-b", "2026-11-21 14:05", "-e", "2026-11-21 14:10") == [14, 16]


def test_open_when_the_recorder_was_killed(query):
    crash = "2026-11-20 10:09:50.500000"
    assert ids(query, "connections", "-b", crash, "-e", "2026-11-21") == [1]
    assert ids(query, "connections", "-b", "2026-11-20 10:09:50.500001", "-e", "2026-11-21") == []
    assert ids(query, "active", "-e", "2026-11-20 10:05") == [1]


def test_active_only_while_recorded(query):
    assert ids(query, "active", "-e", "2026-11-21 12:00") == []
    assert ids(query, "active", "-e", "2026-11-21 14:01") == [3, 5, 25, 26]
    assert ids(query, "active", "-e", "2026-11-22") == []


def test_active_only_if_surely_open(query):
    # 18 was open at 14:15 for all the recorder knew, but its close was lost
    assert ids(query, "active", "-e", "2026-11-21 14:15") == [3, 11, 15]


def test_events_and_samples_of_the_window(query):
    # connections 3, 4, 6 and 7 within ten seconds, found through the batches
    window = ("-b", "2026-11-21 14:00:05", "-e", "2026-11-21 14:00:15")
    assert {row["connection_id"] for row in chosen(query, "events", *window)} == {4, 6, 7}
    samples = json.loads(query("rtt", *window, "-o", "json").stdout)
    assert sum(row["samples"] for row in samples) == 8


def test_a_window_may_cut_a_commit(query):
    begin, end = "2026-11-21 14:00:10.003000", "2026-11-21 14:00:10.003041"
    events = chosen(query, "events", "-b", begin, "-e", end)
    assert [(row["connection_id"], row["type"]) for row in events] == [(6, "connect")]
    begin, end = "2026-11-21 14:00:10.062000", "2026-11-21 14:00:10.124500"
    samples = json.loads(query("rtt", "-b", begin, "-e", end, "-o", "json").stdout)
    assert samples == [{"rtt_from_us": 16384, "rtt_to_us": 32767, "samples": 1}]
    summary = json.loads(query("summary", "-b", begin, "-e", end, "-o", "json").stdout)[0]
    assert (summary["rtt_samples_stored"], summary["events"]) == (1, 0)


@pytest.mark.parametrize("interval", ["100ms", "1s", "7s", "5m", "1h"])
def test_intervals_and_windows_may_cut_a_commit(query, interval):
    """Whole commits are read without looking at times, others not."""
    window = ("-b", "2026-11-21 14:00:10.062", "-e", "2026-11-21 14:00:35.1")
    rates = [row for row in chosen(query, "rate", *window, "--interval", interval)
             if row["rtt_samples"] > 0]
    samples = query("sql", f"""
        SELECT time_us / {rates[0]["interval_us"]} * {rates[0]["interval_us"]} AS time_us,
               count(*) AS rtt_samples, percentile(rtt_us, 50) AS rtt_p50_us,
               percentile(rtt_us, 95) AS rtt_p95_us, percentile(rtt_us, 99) AS rtt_p99_us
        FROM rtt_samples WHERE time_us >= :begin_us AND time_us < :end_us GROUP BY 1""",
                    *window, "-o", "json")
    assert [{name: row[name] for name in measured} for row, measured in
            zip(rates, json.loads(samples.stdout), strict=True)] == json.loads(samples.stdout)


@pytest.mark.parametrize("comm", ["nginx", "curl", "sshd", "none"])
@pytest.mark.parametrize("window", [
    (), ("-b", "2026-11-21 14:00:10.062", "-e", "2026-11-21 14:00:35.1"), ("-e", "2026-11-21 14:10"),
    ("-b", "2026-11-20 10:00", "-e", "2026-11-21 14:00:10.1"),
    ("-b", "2026-11-21 14:00:10.003", "-e", "2026-11-21 14:00:10.003001")])
def test_what_is_stored_of_those_that_a_filter_leaves(query, comm, window):
    """Counted in each commit, or with its times where the window cuts it."""
    summary = json.loads(query("summary", *window, "-c", comm, "-o", "json").stdout)[0]
    (counted,) = json.loads(query("sql", f"""
        WITH ids AS (SELECT c.id FROM connections c JOIN processes p ON p.id = c.process_id
                     WHERE comm = '{comm}')
        SELECT (SELECT count(*) FROM events WHERE connection_id IN ids
                AND time_us >= :begin_us AND time_us < :end_us) AS events,
               (SELECT count(*) FROM rtt_samples WHERE connection_id IN ids
                AND time_us >= :begin_us AND time_us < :end_us) AS rtt_samples_stored""",
                                  *window, "-o", "json").stdout)
    assert {name: summary[name] for name in counted} == counted


def test_a_window_without_anything(query):
    for report in ("top-talkers", "slowest", "failures", "connections", "active", "events",
                   "rtt", "processes", "pairs", "losses"):
        begin = [] if report == "active" else ["-b", "2020-01-01"]
        result = query(report, *begin, "-e", "2020-01-02", "-o", "json")
        assert (result.returncode, result.stdout) == (0, b"[]\n")
        assert result.stderr.decode() == (MOMENT if report == "active" else NOTHING)
        assert query(report, *begin, "-e", "2020-01-02").returncode == 0


@pytest.mark.parametrize("arguments", [
    ("failures", "-b", "2027-01-01"), ("top-talkers", "--at", "2026-11-20 09:00"),
    ("active", "--at", "2026-11-20 09:00"), ("active", "--at", "2026-11-22"),
    ("failures", "-b", "2026-11-20 12:00", "-e", "2026-11-21 12:00"),  # between two recordings
    ("sql", "SELECT id FROM connections WHERE opened_us >= :begin_us", "-b", "2027-01-01")])
def test_a_window_of_which_nothing_was_recorded(query, arguments):
    result = query(*arguments)
    assert (result.returncode, result.stderr.decode()) == (0, MOMENT if "--at" in arguments else NOTHING)
    assert b"nothing was recorded" not in result.stdout


def test_a_report_without_begin_is_about_the_end_of_the_window(query):
    assert query("active", "-e", "2026-11-22").stderr.decode().startswith(MOMENT)


@pytest.mark.parametrize("arguments", [
    ("failures",), ("active",), ("active", "--at", "2026-11-21 14:01"), ("info",), ("connection", "5"),
    ("sql", "SELECT 1"), ("failures", "-b", "2026-11-21 14:29:59", "-e", "2027-01-01")])
def test_some_of_the_window_was_recorded(query, arguments):
    assert b"nothing was recorded" not in query(*arguments).stderr


PART = "ctrack-query: only a part of this window was recorded: {}\n"
DAY1 = "from 2026-11-20 {} to 2026-11-20 {}"


@pytest.mark.parametrize("window, part", [
    (("-b", "2026-11-20 09:00", "-e", "2026-11-20 10:05"), DAY1.format("10:00:00.000000", "10:04:59.999999")),
    (("-b", "2026-11-20 10:05", "-e", "2026-11-20 11:00"), DAY1.format("10:05:00.000000", "10:09:50.500000")),
    (("-b", "2026-11-20 09:00", "-e", "2026-11-20 11:00"), DAY1.format("10:00:00.000000", "10:09:50.500000")),
    (("-b", "2026-11-20 10:00", "-e", "2026-11-21 14:10"),  # all but what lies between two recordings
     "from 2026-11-20 10:00:00.000000 to 2026-11-21 14:09:59.999999, but for a gap of 1d03h"),
    (("-b", "2026-11-20 10:00"),
     "from 2026-11-20 10:00:00.000000 to 2026-11-21 14:30:00.000000, but for a gap of 1d03h"),
    (("-b", "2026-11-20 10:00", "-e", "2026-11-20 10:09:50.500001"), None),  # all there is
    (("-b", "2026-11-21 14:00"), None), (("-e", "2026-11-20 10:01"), None), ((), None)])
def test_a_window_of_which_a_part_was_recorded(query, window, part):
    for arguments in (("failures",), ("failures", "-o", "json"), ("summary",), ("rate",),
                      ("sql", "SELECT :begin_us, :end_us"), ("export", "--zeek")):
        said = query(*arguments, *window).stderr.decode()
        assert said.count("was recorded") == (part is not None), (arguments, said)
        assert part is None or PART.format(part) in said, arguments


def test_a_report_without_begin_asks_for_a_moment_alone(query):
    for arguments in (("-e", "2026-11-21 14:10"), ("--at", "2026-11-21 14:10"), ()):
        assert b"was recorded" not in query("active", *arguments).stderr


def test_gaps_of_several_recordings(new_file):
    """The third begins before the second ends."""
    path = new_file(recording(1_000_000, 2_000_000, "stopped") + """
        INSERT INTO recordings (id, host_id, hostname, boot_id, kernel, ctrack_version, cgroup_path,
                                clock, clock_offset_us, rtt_source, rtt_mode, options, started_us,
                                ended_us, end_kind)
        SELECT 1 + key, host_id, hostname, boot_id, kernel, ctrack_version, cgroup_path, clock,
               clock_offset_us, rtt_source, rtt_mode, options, value ->> 0, value ->> 1, 'stopped'
        FROM recordings, json_each('[[0, 0], [3000000, 5000000], [4000000, 6000000],
                                     [7500000, 9000000]]') WHERE recordings.id = 1 AND key > 0;""")
    said = Query(path)("failures", "--utc", "-b", "@1.5", "-e", "@8").stderr.decode()
    assert said == PART.format("from 1970-01-01 00:00:01.500000 to 1970-01-01 00:00:07.999999, "
                               "but for 2 gaps of 2.50s in all")


def test_of_several_hosts_each_is_told(tmp_path):
    for host, begin, end in (("a", 1, 9), ("b", 1, 4), ("c", 6, 9)):
        make_file(tmp_path / f"{host}.db", recording(begin * 1_000_000, end * 1_000_000, "stopped")
                  .replace("'h', 'h'", f"'{host}', '{host}'"))
    said = run_query("-r", *sorted(tmp_path.glob("*.db")), "failures", "--utc", "-b", "@1", "-e",
                     "@5").stderr.decode()
    assert said == PART.format("b from 1970-01-01 00:00:01.000000 to 1970-01-01 00:00:04.000000; "
                               "c not at all")


def test_limit(query):
    assert len(json.loads(query("slowest", "-n", "3", "-o", "json").stdout)) == 3
    assert len(query("connections").stdout.splitlines()) == 21
    for arguments in ((), ("-n", "0")):  # 119: 121 without the checkpoints
        assert len(json.loads(query("events", *arguments, "-o", "json").stdout)) == 119
        assert len(query("events", *arguments, "-o", "ndjson").stdout.splitlines()) == 119
        assert len(query("events", *arguments, "-o", "csv").stdout.splitlines()) == 120
        assert len(query("events", *arguments, "-o", "tsv").stdout.splitlines()) == 120


@pytest.mark.parametrize("arguments, said", [
    (("connections",), "20 of 28 rows; -n 0 for all"), (("events",), "20 of 119 rows; -n 0 for all"),
    (("events", "-s", "time_us"), "20 of 119 rows; -n 0 for all"),
    (("connections", "-6"), None), (("connections", "-n", "20"), None), (("connections", "-n", "0"), None),
    (("connections", "-o", "csv"), None),
    (("sql", "SELECT * FROM connections LIMIT :limit"), "at most 20 rows are shown; -n 0 for all"),
    (("sql", "SELECT * FROM connections"), None)])
def test_a_table_that_is_cut_says_so(query, arguments, said):
    lines = query(*arguments).stderr.decode().splitlines()
    assert [line for line in lines if "rows" in line] == ([f"ctrack-query: {said}"] if said else [])


def test_a_table_of_several_files_that_is_cut_says_so(query, tmp_path):
    for name in "a", "b":
        make_file(tmp_path / f"{name}.db", (HERE / "fixture.sql").read_text())
    result = run_query("-r", tmp_path / "a.db", tmp_path / "b.db", "events")
    assert b"20 of 238 rows" in result.stderr


def test_exactly_as_many_as_a_table_has(new_file):
    for count, is_cut in ((19, False), (20, False), (21, True)):
        path = new_file(recording(0, 99, "stopped") + "".join(
            f"INSERT INTO batches (recording_id, committed_us, lost_netns) VALUES (1, {2 * i}, 1);"
            for i in range(1, count + 1)))
        result = Query(path)("losses")
        assert len(result.stdout.splitlines()) == 1 + min(count, 20)
        assert (b"20 of 21 rows" in result.stderr) == is_cut
        path.unlink()


def test_rate_is_not_cut(query):
    """What was before belongs to it."""
    table = query("rate", "--interval", "1m", "-b", "2026-11-21 14:00")
    rows = table.stdout.decode().split("\n\n", maxsplit=1)[0].splitlines()
    assert len(rows) == 1 + len(chosen(query, "rate", "--interval", "1m", "-b", "2026-11-21 14:00")) == 32
    assert b"rows" not in table.stderr
    charts = query("rate", "--interval", "10s", "-b", "2026-11-21 14:00").stdout.decode().split("\n\n")[1]
    opened = [line.split()[1] for line in charts.splitlines() if line.startswith("opened")]
    assert len(opened[0]) == 60  # of 181 rows; the highest is in the fourth place
    assert opened[0].index("█") == 3
    assert len(query("rate", "-n", "5", "--interval", "1m").stdout.decode().split("\n\n")[0]
               .splitlines()) == 6


def test_active_tells_how_many(query):
    for arguments, count in ((("--at", "2026-11-21 14:01"), 4), ((), 2), (("-c", "nobody"), 0),
                             (("--at", "2026-11-21 14:01", "-n", "1"), 4)):
        assert query("active", *arguments).stdout.decode().endswith(f"\n\nopen connections  {count}\n")


def test_the_newest_events_are_kept_and_come_last(query):
    times = [row["time_us"] for row in json.loads(query("events", "-n", "2", "-o", "json").stdout)]
    assert times == sorted(times)
    assert times[-1] == max(row["time_us"] for row in chosen(query, "events"))


@pytest.mark.parametrize("window, lost", [
    ((), "12 RTT samples (sample ring full), 1 event (lifecycle ring full)"),
    (("-b", "2026-11-21 14:00:50", "-e", "2026-11-21 14:00:55"), "12 RTT samples (sample ring full)"),
    (("-b", "2026-11-21 14:07"), "1 event (lifecycle ring full)"),
    (("-b", "2026-11-21 14:15"), None),
    (("-b", "2026-11-21 14:00", "-e", "2026-11-21 14:00:30"), None)])
def test_losses_of_the_window(query, window, lost):
    expected = LOSS.format(lost) if lost else ""
    assert query("resets", *window).stderr.decode() == expected


LOSSY = recording(1000, 5000, "stopped") + """
        INSERT INTO batches (id, recording_id, committed_us, lost_lifecycle_ring, lost_sample_ring,
                             lost_no_storage, lost_decode_reject)
        VALUES (1, 1, 2000, 2, 1, 3, 1), (2, 1, 3000, 0, 0, 0, 0),
               (3, 1, 4000, 0, 5, 0, 0);"""


def test_losses_of_every_cause(new_file):
    stderr = Query(new_file(LOSSY))("summary").stderr.decode()
    assert ("6 RTT samples (sample ring full), 2 events (lifecycle ring full), "
            "3 kernel callbacks (no memory for the socket), 1 record (not understood)") in stderr


def test_losses_happened_since_the_commit_before(new_file):
    result = Query(new_file(LOSSY))("losses", "-o", "json")
    assert result.stderr == b""  # the report says it all
    assert [(row["from_us"], row["to_us"], row["lost"], row["cause"])
            for row in json.loads(result.stdout)] == [
        (3000, 4000, 5, "sample_ring"), (1000, 2000, 1, "sample_ring"),
        (1000, 2000, 2, "lifecycle_ring"), (1000, 2000, 3, "no_storage"),
        (1000, 2000, 1, "decode_reject")]


def test_every_cause_of_the_file_has_words(new_file):
    """A lost_* column of batches that loss_log or the prelude does not know."""
    path = new_file(recording(1000, 5000, "stopped"))
    db = sqlite3.connect(path)
    columns = [row[1] for row in db.execute("PRAGMA table_info(batches)")
               if row[1].startswith("lost_")]
    for i, column in enumerate(columns):
        db.execute(f"INSERT INTO batches (id, recording_id, committed_us, {column}) "
                   f"VALUES ({i + 1}, 1, {2000 + i}, {i + 1})")
    db.commit()
    db.close()
    rows = chosen(Query(path), "losses")
    assert {f"lost_{row['cause']}" for row in rows} == set(columns)
    assert all(row["why"] != row["cause"].replace("_", " ") for row in rows)


def test_a_lost_end_with_a_time_is_not_open_until_then(fixture_path, new_file):
    """The recorder may write down when it missed the connection."""
    path = new_file()
    source, copy = sqlite3.connect(fixture_path), sqlite3.connect(path)
    source.backup(copy)
    copy.execute("UPDATE connections SET closed_us = opened_us + 900000000 WHERE id = 18")
    copy.commit()
    copy.close()
    source.close()
    assert 18 not in ids(Query(path), "active", "-e", "2026-11-21 14:15")


def test_a_crashed_recording_without_an_end_lasts_until_its_last_commit(new_file, fixture_path):
    path = new_file()
    source, copy = sqlite3.connect(fixture_path), sqlite3.connect(path)
    source.backup(copy)
    copy.execute("UPDATE recordings SET ended_us = NULL WHERE id = 1")
    copy.commit()
    copy.close()
    source.close()
    crash = "2026-11-20 10:09:50.500000"
    assert ids(Query(path), "connections", "-b", crash, "-e", "2026-11-21") == [1]
    assert ids(Query(path), "connections", "-b", "2026-11-20 10:09:51", "-e", "2026-11-21") == []


@pytest.mark.parametrize("report", ["top-talkers", "processes", "summary"])
def test_sums_of_all_are_those_of_the_connections(query, report):
    """Without a filter they come from the sums of traffic, with one from the connections."""
    limit = [] if report == "summary" else ["-n", "0"]
    of_sums, of_connections = (query(report, *words, *limit, "-o", "json").stdout
                               for words in ([], ["bytes >= 0"]))
    assert json.loads(of_sums) == json.loads(of_connections)


def test_sums_outlive_connections(fixture_path, new_file):
    path = new_file()
    source, copy = sqlite3.connect(fixture_path), sqlite3.connect(path)
    source.backup(copy)
    copy.executescript("""
        DELETE FROM events; DELETE FROM packed_rtt_samples; DELETE FROM connections;
        DELETE FROM long_connections;
        UPDATE retention SET kept_from_us = 1795267800000000, deleted_rows = 1
        WHERE kind = 'connections';""")
    copy.commit()
    copy.close()
    source.close()
    assert chosen(Query(path), "top-talkers") == chosen(Query(fixture_path), "top-talkers")
    assert b"no longer in" not in Query(path)("top-talkers").stderr
    for report, *window in (("top-talkers", "-b", "1970-01-02"), ("processes",)):
        assert chosen(Query(path), report, *window) == []
        assert b"connections before" in Query(path)(report, *window).stderr


def test_what_was_deleted_of_the_sums_is_told(new_file):
    query = Query(new_file(DELETED + """
        UPDATE retention SET kept_from_us = 2000000, deleted_rows = 5 WHERE kind = 'traffic';"""))
    assert b"no longer in own.db: traffic before 1970-01-01 01:00:02" in query("summary").stderr
    assert b"traffic" not in query("summary", "-b", "1970-01-01 01:00:01").stderr


DELETED = recording(1_000_000, 9_000_000, "stopped") + """
    UPDATE retention SET kept_from_us = 5000000, deleted_rows = 7 WHERE kind = 'rtt_samples';
    UPDATE retention SET kept_from_us = 3000000, deleted_rows = 1 WHERE kind = 'connections';"""


def test_what_was_deleted_of_the_window_is_told(new_file):
    query = Query(new_file(DELETED))
    gone = ("ctrack-query: no longer in own.db: RTT samples before 1970-01-01 01:00:05.000000{}; "
            "--max-size and --max-age of the recorder set how much it keeps\n")
    connections = ", connections before 1970-01-01 01:00:03.000000"
    for report in ("connections", "events", "rtt", "losses"):
        assert query(report).stderr.decode() == gone.format(connections)
        assert query(report, "-b", "1970-01-01 01:00:03").stderr.decode() == gone.format("")
        assert query(report, "-b", "1970-01-01 01:00:05").stderr == b""


def test_info_shows_from_when_on_all_is_there(new_file):
    query = Query(new_file(DELETED))
    row = json.loads(query("info", "-o", "json").stdout)[0]
    assert (row["connections_from_us"], row["events_from_us"], row["rtt_samples_from_us"]) == (
        3_000_000, None, 5_000_000)
    assert b"samples from      1970-01-01 01:00:05.000000\n" in query("info").stdout


# Times without a day, on files whose recording ended so many days ago at noon.

ZONE = zoneinfo.ZoneInfo("Europe/Berlin")  # the zone of run_query


def date(days_ago):
    return datetime.datetime.now(ZONE).date() - datetime.timedelta(days=days_ago)


def local(days_ago, clock="00:00"):
    """That moment, in microseconds."""
    day = date(days_ago)
    hour, minute = map(int, clock.split(":"))
    moment = datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
    return int(moment.timestamp()) * 1_000_000


def ended(new_file, days_ago, clock="12:00"):
    end = local(days_ago, clock)
    return Query(new_file(recording(end - 5 * 86_400_000_000, end, "stopped"))), end


def window(query, *arguments):
    result = query("sql", "SELECT :begin_us AS begin_us, :end_us AS end_us", "-o", "json", *arguments)
    assert result.returncode == 0, result.stderr
    row, = json.loads(result.stdout)
    return row["begin_us"], row["end_us"], result.stderr.decode()


def test_a_clock_time_is_the_last_one_recorded(new_file):
    query, end = ended(new_file, 3)
    begin, until, notice = window(query, "-b", "11:30")
    assert (begin, until) == (local(3, "11:30"), end + 1)
    assert notice == f"ctrack-query: 11:30 is taken as {date(3)} 11:30:00, the last one before the recording's end\n"
    assert window(query, "-b", "12:30")[0] == local(4, "12:30")
    begin, _, notice = window(query, "--since", "today 0:00")
    assert begin == local(0) and "is taken as" not in notice


def test_where_the_recording_ended_today_it_is_up_to_now(new_file):
    """So that nothing recorded is not taken for what was recorded yesterday."""
    while datetime.datetime.now(ZONE).time() < datetime.time(0, 2):
        time.sleep(1)
    query, _ = ended(new_file, 0, "00:00")
    begin, _, notice = window(query, "-b", "00:01", "-e", "tomorrow")
    assert begin == local(0, "00:01") and "is taken as" not in notice


@pytest.mark.parametrize("since, until, days", [
    ("10:00", "10:30", (3, 3)), ("23:50", "00:10", (4, 3)), ("12:30", "11:30", None),
    ("{4} 10:00", "10:30", (4, 4)), ("{4}T23:50", "0:10", (4, 3)), ("{5}", "10:30", (5, 3))])
def test_a_clock_time_follows_another(new_file, since, until, days):
    query, _ = ended(new_file, 3)
    dates = [date(ago) for ago in range(6)]
    arguments = ("--since", since.format(*dates), "--until", until)
    if days is None:
        assert b"is not after" in query("sql", "SELECT :begin_us, :end_us", *arguments).stderr
        return
    clock = since[-5:] if ":" in since else "00:00"
    assert window(query, *arguments)[:2] == (local(days[0], clock), local(days[1], until))


def test_last(new_file):
    """Of the end of the recording, which is told; with -e, up to there."""
    query, end = ended(new_file, 3)
    begin, until, notice = window(query, "--last", "2h30m")
    assert (begin, until) == (end + 1 - 150 * 60_000_000, end + 1)
    assert notice == f"ctrack-query: the last 2h30m recorded are from {date(3)} 09:30:00 to {date(3)} 12:00:00\n"
    assert window(query, "--last", "10m", "-e", "11:00")[:2] == (local(3, "10:50"), local(3, "11:00"))


def test_last_of_a_recorder_that_runs(new_file):
    path = new_file(recording(1, "NULL", "running"))
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.executescript(alive())
    begin, until, notice = window(Query(path), "--last", "10m")
    writer.close()
    assert until - begin == 600_000_000
    assert abs(until - time.time() * 1_000_000) < 60_000_000
    assert notice == ""


@pytest.mark.parametrize("arguments, words", [
    (("slowest", "--last", "10"), ["bad --last '10': expected a length of time, as 10m or 2h30m"]),
    (("slowest", "--last", "yesterday"), ["bad --last 'yesterday'"]),
    (("slowest", "--last", "0s"), ["bad --last '0s'"]),
    (("slowest", "--last", "1h", "--since", "today"), ["leave out -b"]),
    (("connections", "--last", "1h", "--at", "now"), ["leave out --at"]),
    (("active", "--last", "1h"), ["active has no begin: leave out --last"]),
    (("info", "--last", "1h"), ["info has no window: leave out --last"])])
def test_last_is_refused(query, arguments, words):
    check_failure(query(*arguments), 2, *words)


@pytest.mark.parametrize("names, unknown", [
    ("ngnix", ["ngnix"]), ("ngnix,curl*,ab*", ["ngnix", "ab*"]), ("curl", [])])
def test_a_program_that_is_not_there(query, names, unknown):
    """A misspelt name is no quiet night."""
    told = query("failures", "-c", names, "-b", "2026-11-21 14:29:59").stderr.decode()
    assert [line for line in told.splitlines() if "program" in line] == [
        f"ctrack-query: no program {name} is in fixture.db" for name in unknown]


def test_a_name_for_the_shell(fixture_path, tmp_path):
    (tmp_path / "it's mine.db").write_bytes(fixture_path.read_bytes())
    told = Query(tmp_path / "it's mine.db")("slowest").stderr.decode()
    assert "ctrack-query -r 'it'\\''s mine.db' losses" in told
