# SPDX-License-Identifier: Apache-2.0
"""-r several times: reports over all files, against the same from each of them."""
import json
import re
import shutil
import sqlite3

import pytest

from query_driver import ROOT, SANITIZED, SCHEMA, make_file, recording, run_query
from test_errors import check_failure
from test_reports import choices, report_names


@pytest.fixture(scope="module")
def files(fixture_path, tmp_path_factory):
    """The fixture, and the same of another host, an hour later."""
    folder = tmp_path_factory.mktemp("several")
    paths = [folder / "web1.db", folder / "db7.db"]
    for path in paths:
        shutil.copy(fixture_path, path)
    db = sqlite3.connect(paths[1])
    hour = 3_600_000_000
    db.executescript(f"""
        UPDATE recordings SET hostname = 'db7', host_id = 'h7', boot_id = 'b' || id,
                              started_us = started_us + {hour}, ended_us = ended_us + {hour};
        UPDATE connections SET opened_us = opened_us + {hour},
                               established_us = established_us + {hour},
                               closed_us = closed_us + {hour}, counters_us = counters_us + {hour};
        UPDATE listeners SET opened_us = opened_us + {hour}, closed_us = closed_us + {hour};
        UPDATE accept_queues SET until_us = until_us + {hour}, from_us = from_us + {hour};
        UPDATE netns_counters SET until_us = until_us + {hour}, from_us = from_us + {hour};
        UPDATE events SET time_us = time_us + {hour};
        UPDATE packed_rtt_samples SET since_2030_us = since_2030_us + {hour};
        UPDATE batches SET committed_us = committed_us + {hour},
            first_time_us = first_time_us + {hour}, last_time_us = last_time_us + {hour},
            intervals_from_us = intervals_from_us + {hour},
            intervals_until_us = intervals_until_us + {hour};""")
    db.close()
    return paths


def rows(files, *arguments):
    flags = [word for path in files for word in ("-r", path)]
    result = run_query(*flags, *arguments, "-o", "json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def without_ids(row):
    """What does not depend on the other files, as text that can be sorted."""
    return json.dumps({name: value for name, value in row.items()
                       if not name.endswith("id") or name == "pid"},
                      sort_keys=True)


ROWS = [name for name in report_names() if name not in (
    "summary", "rtt", "rate", "info", "recordings", "active", "connection")]
BY = [(report, by) for report, by in choices()
      if report not in ("active", "rate") and (report, by) != ("slowest", "rtt")]


@pytest.mark.parametrize("report", ROWS)
def test_all_rows_of_all_files(files, report):
    together = rows(files, report, "-n", "0")
    apart = [row for path in files for row in rows([path], report, "-n", "0")]
    assert {row["hostname"] for row in together} == {"web1", "db7"}
    assert sorted(map(without_ids, together)) == sorted(map(without_ids, apart))


@pytest.mark.parametrize("report, by", BY)
def test_all_rows_by(files, report, by):
    together = rows(files, report, "--by", by, "-n", "0")
    apart = [row for path in files for row in rows([path], report, "--by", by, "-n", "0")]
    assert {row["hostname"] for row in together} == {"web1", "db7"}
    assert sorted(map(without_ids, together)) == sorted(map(without_ids, apart))


def test_one_connection_of_all(files):
    assert rows(files, "connection", str(10**14 + 5))[0]["hostname"] == "db7"


def test_rates_are_of_all_together(files):
    window = ("-b", "2026-11-21T13:00Z", "-e", "2026-11-21T14:30Z", "--interval", "1h")
    opened = [row["opened"] for row in rows(files, "rate", *window)]
    assert opened == [23, 23]


def test_following_is_of_one_file(files):
    flags = [word for path in files for word in ("-r", path)]
    check_failure(run_query(*flags, "events", "-F"), 2, "-F follows one file")


def test_the_host_is_the_first_column(files):
    for report in ROWS:
        for some in (files, files[:1]):
            assert list(rows(some, report)[0])[0] == "hostname"


@pytest.fixture(scope="module")
def merged(files, tmp_path_factory):
    path = tmp_path_factory.mktemp("merged") / "both.db"
    assert run_query("merge", *files, "-o", path).returncode == 0
    return path


def heading(files, *arguments):
    flags = [word for path in files for word in ("-r", path)]
    return run_query(*flags, *arguments).stdout.decode().splitlines()[0].split()


@pytest.mark.parametrize("report", ROWS)
def test_a_table_shows_the_host_where_there_are_several(files, merged, report):
    assert "HOST" not in heading(files[:1], report)
    for some in (files, [merged]):
        assert heading(some, report)[0] == "HOST"
    assert heading(files[:1], report, "-w")[0] == "HOST"
    assert heading(files[:1], report, "-f", "hostname") == ["HOST"]


@pytest.mark.parametrize("report", ROWS)
def test_each_row_of_a_merged_file_is_of_one_host(files, merged, report):
    together, apart = rows([merged], report, "-n", "0"), rows(files, report, "-n", "0")
    assert sorted(map(without_ids, together)) == sorted(map(without_ids, apart))


def test_ids_are_distinct_and_lead_back(files):
    ids = [row["id"] for row in rows(files, "connections", "-n", "0")]
    assert len(ids) == len(set(ids)) == 56
    assert {i % 10**14 for i in ids} == set(range(1, 29))
    events = rows(files, "events", "-n", "0")
    assert {row["connection_id"] for row in events} <= set(ids)


def test_the_newest_events_of_all(files):
    both = rows(files, "events", "-n", "0")
    times = [row["time_us"] for row in both]
    assert times == sorted(times)
    assert rows(files, "events", "-n", "100") == both[-100:]
    assert {row["hostname"] for row in both[-160:]} == {"web1", "db7"}


def test_sums(files):
    one, other, both = (rows(some, "summary")[0] for some in (files[:1], files[1:], files))
    for name in ("recordings", "connections", "opened", "refused", "bytes_sent", "rtt_samples",
                 "rtt_samples_stored", "events", "lost_events", "lost_rtt_samples"):
        assert both[name] == one[name] + other[name], name
    samples = {row["rtt_from_us"]: row["samples"] for row in rows(files, "rtt")}
    assert samples == {row["rtt_from_us"]: 2 * row["samples"] for row in rows(files[:1], "rtt")}


def test_active(files):
    at = ("--at", "2026-11-21 14:25")
    assert [(row["hostname"], row["id"]) for row in rows(files, "active", *at)] == [
        ("web1", 3), ("web1", 11)]
    assert {row["hostname"] for row in rows(files, "active", "--at", "2026-11-21 15:25")} == {"db7"}


def test_info_tells_the_files(files):
    assert [(row["hosts"], row["path"]) for row in rows(files, "info")] == [
        (host, str(path.resolve())) for path, host in zip(files, ("web1", "db7"))]
    assert sorted((row["hostname"], row["path"]) for row in rows(files, "recordings")) == [
        (host, str(path.resolve())) for host, path in sorted(zip(("web1", "db7"), files))
        for _ in "12"]


def test_recordings_of_a_window_are_counted_whole(files):
    window = ("-b", "2026-11-21 14:00:10.062", "-e", "2026-11-21 15:00:10.1")
    for some in (files, files[:1]):
        whole = rows(some, "recordings")
        in_window = rows(some, "recordings", *window)
        assert in_window and all(row in whole for row in in_window)


def test_filters(files):
    both = rows(files, "connections", "-n", "0", "hostname db7 and pid 950")
    assert [row["hostname"] for row in both] == ["db7"] * 5
    assert len(rows(files, "connections", "-n", "0", "-p", "950")) == 10


def test_sql_sees_all_of_them(files):
    tables = [row["name"] for row in rows(
        files, "sql", "SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view') "
                      "AND name NOT IN ('event_kinds', 'tcp_states', 'errnos')")]
    assert len(tables) > 8
    for table in tables:
        one, both = (rows(some, "sql", f"SELECT count(*) AS n FROM {table}")[0]["n"]
                     for some in (files[:1], files))
        unknown = table in ("processes", "cgroups")
        assert both == 2 * one - unknown, table


@pytest.mark.parametrize("name", ["Connections", '"connections"', "[connections]", "temp.connections",
                                  "CONNECTIONS/**/AS/**/connections"])
def test_sql_sees_all_of_them_however_it_names_a_table(files, name):
    one, both = (rows(some, "sql", f"SELECT count(*) AS n FROM {plain}")[0]["n"]
                 for some, plain in ((files[:1], "main.connections"), (files, name)))
    assert both == 2 * one


def test_every_reference_is_raised():
    """A column that refers to another table must be known where ids are made distinct."""
    text = SCHEMA.read_text()
    known = re.search(r"id_columns\{(.*?)\}", (ROOT / "query/sql/attach.cpp").read_text(), re.DOTALL)[1]
    references = set(re.findall(r"(\w+)\s+INTEGER[^,]*? REFERENCES (\w+)", text))
    assert len(references) > 5
    for column, table in references:
        assert f'"{column}"' in known or table in ("event_kinds", "tcp_states"), column


def test_as_the_shell_writes_it(files):
    expected = rows(files, "connections")
    for words in (["-r", *files, "connections"], [f"--read={files[0]}", files[1], "connections"],
                  ["connections", "-r", *files], ["-r", files[0], "connections", "-r", files[1]]):
        result = run_query(*words, "-o", "json")
        assert json.loads(result.stdout) == expected


def test_a_file_with_the_name_of_a_report(files, tmp_path):
    (tmp_path / "slowest").write_text("")
    result = run_query("-r", files[0], "slowest", cwd=tmp_path)
    assert result.returncode == 0


def test_losses_name_all_files(files):
    result = run_query("-r", "web1.db", "-r", "db7.db", "summary", cwd=files[0].parent)
    assert result.stderr.decode() == (
        "ctrack-query: lost in this window: 24 RTT samples (sample ring full), 2 events (lifecycle "
        "ring full); ctrack-query -r web1.db -r db7.db losses lists them\n")


def test_errors(files, tmp_path):
    folder = files[0].parent
    check_failure(run_query("-r", "web1.db", "-r", "./web1.db", "info", cwd=folder), 1,
                  "./web1.db: it is the same file as web1.db")
    check_failure(run_query("-r", "web1.db", "-r", "none.db", "info", cwd=folder), 1,
                  "none.db: No such file")
    (tmp_path / "notes.db").write_text("no database, but text that goes on and on\n" * 20)
    check_failure(run_query("-r", files[0], tmp_path / "notes.db", "info"), 1,
                  "notes.db is not a ctrack file")


def test_the_same_recording_twice_is_told(files, tmp_path):
    copy = tmp_path / "copy.db"
    shutil.copy(files[0], copy)
    errors = run_query("-r", files[0], copy, "failures", "-b", "2026-11-21 14:20").stderr.decode()
    assert errors.count("ctrack-query: several files hold the recording of web1 from 2026-11-2") == 2
    assert errors.count(": connections, listeners and recordings that are in both files count twice\n") == 2
    for report in (["info"], ["connection", "5"]):
        assert run_query("-r", files[0], copy, *report).stderr == b""
    for report in (["failures"], ["sql", "SELECT count(*) FROM connections"]):
        assert b"count twice" in run_query("-r", files[0], copy, *report).stderr


def test_of_many_of_a_sort_some_are_told(tmp_path):
    """A file can hold any number of recordings and hosts; stderr stays short."""
    paths = [tmp_path / "a.db", tmp_path / "b.db"]
    for path in paths:
        make_file(path, recording(0, 10, "running") + """
            WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 40)
            INSERT INTO recordings (host_id, hostname, boot_id, kernel, ctrack_version, cgroup_path,
                                    clock, clock_offset_us, rtt_mode, options, started_us)
            SELECT 'h' || i, 'h' || i, 'b', 'k', '0', '/', 'boottime', 0, 'every', '', i FROM n;""")
    errors = run_query("-r", *paths, "failures", "-b", "@0", "-e", "@100").stderr.decode().splitlines()
    assert sum("several files hold the recording of" in line for line in errors) == 10
    assert "ctrack-query: the same of 31 more recordings" in errors
    (covered,) = [line for line in errors if "only a part of this window was recorded: " in line]
    assert covered.count(";") == 9 and covered.endswith(" and 31 more")


@pytest.fixture
def two_recorders(files, tmp_path):
    """Files of one boot of one host: the second recorder began a second later."""
    def make(cgroup):
        path = tmp_path / "other.db"
        shutil.copy(files[0], path)
        db = sqlite3.connect(path)
        db.execute("UPDATE recordings SET started_us = started_us + 1000000, cgroup_path = ?", (cgroup,))
        db.commit()
        db.close()
        return path
    return make


def test_two_recorders_at_once_are_told(files, two_recorders, tmp_path):
    text = "two recorders of web1 ran at once from 2026-11-21 14:20:00.000000 to 2026-11-21 14:30:00.000000"
    other = two_recorders("/sys/fs/cgroup/system.slice")
    arguments = ("failures", "-b", "2026-11-21 14:20")
    (said,) = [line for line in run_query("-r", files[0], other, *arguments).stderr.decode().splitlines()
               if "two recorders" in line]
    assert said == f"ctrack-query: {text}: what both recorded counts twice"
    assert b"two recorders" not in run_query("-r", other, *arguments).stderr
    assert b"two recorders" not in run_query("-r", *files, *arguments).stderr
    assert b"two recorders" not in run_query("-r", files[0], other, "failures", "-b", "2026-11-21 13:00",
                                             "-e", "2026-11-21 14:00").stderr
    merged = run_query("merge", "-o", tmp_path / "both.db", files[0], other).stderr
    assert merged.count(b"two recorders of web1 ran at once") == 2


def test_recorders_of_different_cgroups_record_nothing_twice(files, two_recorders, tmp_path):
    here, there = two_recorders("/sys/fs/cgroup/a"), tmp_path / "there.db"
    shutil.copy(files[0], there)
    db = sqlite3.connect(there)
    db.execute("UPDATE recordings SET cgroup_path = '/sys/fs/cgroup/ab'")
    db.commit()
    db.close()
    assert b"two recorders" not in run_query("-r", here, there, "failures").stderr


def test_nothing_recorded_is_told_once(files):
    folder = files[0].parent
    result = run_query("-r", "web1.db", "db7.db", "failures", "-b", "2027-01-01", cwd=folder)
    assert result.stderr.decode() == (
        "ctrack-query: nothing was recorded in this window: web1.db, db7.db are from "
        "2026-11-20 10:00:00.000000 to 2026-11-21 15:30:00.000000\n")


def test_more_than_sqlite_attaches(tmp_path):
    paths = [tmp_path / f"{i}.db" for i in range(12)]
    make_file(paths[0], "")
    for path in paths[1:]:
        shutil.copy(paths[0], path)
    assert run_query("-r", *paths[:11], "info").returncode == 0
    check_failure(run_query("-r", *paths, "info"), 1, "12 files", "at most 11", "merge")


def test_nothing_is_written(files):
    before = [path.read_bytes() for path in files]
    rows(files, "connections")
    check_failure(run_query("-r", *files, "sql", "DELETE FROM file1.connections"), 1, "only reads")
    assert [path.read_bytes() for path in files] == before


@pytest.mark.parametrize("narrowed", [(), ("-c", "nginx"), ("outcome failed",)])
@pytest.mark.parametrize("window", [
    (), ("-b", "2026-11-21 14:00:10.062", "-e", "2026-11-21 15:00:10.1"), ("-e", "2026-11-21 15:10")])
def test_stored_rows_of_all_files(files, window, narrowed):
    """Their commits are read all at once: of a united view there are no ids to look for."""
    together, *apart = (rows(some, "summary", *window, *narrowed)[0]
                        for some in (files, files[:1], files[1:]))
    for name in ("events", "rtt_samples_stored"):
        assert together[name] == sum(row[name] for row in apart)
    together, *apart = (rows(some, "rate", *window, *narrowed, "--interval", "7s", "-n", "0")
                        for some in (files, files[:1], files[1:]))
    assert sum(row["rtt_samples"] for row in together) == sum(
        row["rtt_samples"] for part in apart for row in part)


@pytest.mark.skipif(SANITIZED, reason="UBSan itself needs descriptors, and reports an error without them")
@pytest.mark.parametrize("has_log", [False, True])
def test_too_many_open_files(fixture_path, tmp_path, has_log):
    """Whatever the limit is, it works or says what is missing. A file with a log takes three."""
    paths = [tmp_path / f"{number}.db" for number in range(11)]
    writers = []
    for path in paths:
        path.write_bytes(fixture_path.read_bytes())
        if has_log:
            writers.append(sqlite3.connect(path))
            writers[-1].execute("PRAGMA journal_mode = WAL")
            writers[-1].execute("UPDATE errnos SET id = id")
            writers[-1].commit()
    flags = [word for path in paths for word in ("-r", path)]
    codes = set()
    for limit in range(7, 70, 3):
        result = run_query(*flags, "top-talkers", command=["prlimit", f"--nofile={limit}"])
        codes.add(result.returncode)
        if result.returncode != 0:
            check_failure(result, 1, "too many files are open: raise the limit, as with ulimit -n 1024")
    assert codes == {0, 1}
    for writer in writers:
        writer.close()
