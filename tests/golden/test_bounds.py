# SPDX-License-Identifier: Apache-2.0
"""Rows of a stranger's file that would take for ever, or all of the memory or disk: a report ends
within bounds, with one line, and Ctrl-C ends it at any moment before."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from files import report
from query_driver import QUERY, SANITIZED, make_file, recording, run_query
from test_errors import check_failure

MB = 1 << 20
TOO_MUCH = "this would take far more than a file of its size ever takes"
TOO_LONG = "it has a text of more than 1 MiB, which no recorder writes"
COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {})"


def connections(count, process=0):
    return f"""
        {COUNT.format(count)}
        INSERT INTO connections (id, recording_id, cookie, generation, family, local_address,
                                 local_port, peer_address, peer_port, direction, pid_source,
                                 start_kind, opened_us, closed_us, outcome, process_id)
        SELECT i, 1, i, 1, 4, '10.0.0.1', 1, '10.0.0.2', 2, 'active', 'unknown', 'seen', 0, 1, 'closed', {process}
        FROM n;"""


@pytest.fixture(scope="module")
def endless_counts(tmp_path_factory):
    """Each batch says that it holds all events, and they must be counted, as it is of a part."""
    path = tmp_path_factory.mktemp("counts") / "counts.db"
    make_file(path, recording(0, 9, "stopped") + connections(1) + f"""
        INSERT INTO snapshots (recording_id, begin_us, end_us, made_us, is_filtered)
        VALUES (1, 0, 9, 9, 0);
        {COUNT.format(50_000)} INSERT INTO events SELECT i, 1, 1, 4, 1, 1, 0 FROM n;
        {COUNT.format(20_000)} INSERT INTO batches (id, recording_id, committed_us, first_time_us, last_time_us,
                                                    first_event_id, last_event_id)
        SELECT i, 1, 1, 1, 1, 1, 50000 FROM n;""")
    return path


@pytest.fixture(scope="module")
def endless_prelude(tmp_path_factory):
    """For each recording all batches are looked through before any report begins."""
    path = tmp_path_factory.mktemp("prelude") / "prelude.db"
    insert = recording(0, "NULL", "running").replace("VALUES (1,", "SELECT i,").rstrip().removesuffix(");")
    make_file(path, f"""
        {COUNT.format(10_000)} {insert} FROM n;
        {COUNT.format(30_000)} INSERT INTO batches (id, recording_id, committed_us) SELECT i, 1, 1 FROM n;""")
    return path


def failure_in_bounded_time(path, *words):
    begin = time.monotonic()
    check_failure(run_query("-r", path, *words), 1, f"cannot read {path}: {TOO_MUCH}",
                  "'ctrack-query verify' may say what is wrong")
    assert time.monotonic() - begin < 60  # takes some seconds; without bounds, hours


def test_counts_that_never_end(endless_counts):
    failure_in_bounded_time(endless_counts, "info")


def test_verify_tells_which_check_did_not_end(endless_counts):
    found = json.loads(run_query("verify", endless_counts, "-o", "json").stdout)
    assert [row["check"] for row in found if TOO_MUCH in row["finding"]] == ["batches"]


def test_a_prelude_that_never_ends(endless_prelude):
    failure_in_bounded_time(endless_prelude, "sql", "SELECT 1")


def test_a_users_own_sql_may_take_as_long_as_it_likes(fixture_path):
    long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 12000000) SELECT max(i) AS i FROM n"
    assert report(fixture_path, "sql", long) == [{"i": 12_000_000}]  # more steps than reports may take
    wide = report(fixture_path, "sql", f"SELECT length(hex(zeroblob({100 * MB}))) AS n")
    assert wide == [{"n": 200 * MB}]


# Each of them begins with what is long in the file.
@pytest.mark.parametrize("fixture, words", [
    ("endless_counts", ["info"]), ("endless_counts", ["verify"]),
    ("endless_prelude", ["summary"]), ("endless_prelude", ["sql", "SELECT 1"]),
    ("endless_prelude", ["snapshot", "-o", "new.db"]), ("endless_prelude", ["export", "--zeek"]),
    ("endless_prelude", ["events", "-F"])])
def test_ctrl_c(request, tmp_path, fixture, words):
    with subprocess.Popen([QUERY, "-r", request.getfixturevalue(fixture), *words], cwd=tmp_path,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        errors = process.communicate(timeout=60)[1]
    assert (process.returncode, errors) == (130, b"ctrack-query: interrupted\n")
    assert time.monotonic() - begin < 5
    assert not os.listdir(tmp_path)


# What runs under the kernel's bound of its memory: the program maps some 100 MB of its own. Under
# AddressSanitizer, which maps terabytes, the bound is ASan's own, of what is used.
def run_in(megabytes, *arguments):
    if SANITIZED:
        bound = f"{os.environ['ASAN_OPTIONS']}:quarantine_size_mb=16:hard_rss_limit_mb={megabytes}"
        return run_query(*arguments, ASAN_OPTIONS=bound)
    return run_query(*arguments, command=["prlimit", f"--as={megabytes * MB}"])


@pytest.fixture(scope="module")
def long_command_line(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "long.db"
    make_file(path, recording(0, 9, "stopped") + f"""
        INSERT INTO processes (id, pid, start_boottime_ns, exec_id, comm, cmdline)
        VALUES (1, 1, 1, 1, 'long', hex(zeroblob({100 * MB})));""" + connections(500, process=1))
    return path


def test_a_command_line_of_200_mb(long_command_line, tmp_path):
    for words in (["summary"], ["top-talkers"], ["connection", "5", "-o", "json"], ["connections"],
                  ["export", "--zeek"], ["pairs"], ["info"]):
        result = run_in(800, "-r", long_command_line, *words)
        assert result.returncode == 0 or TOO_LONG in result.stderr.decode(), (words, result.stderr[-300:])
    for words in (["processes"], ["snapshot", "-o", tmp_path / "new.db"],
                  ["snapshot", "-o", tmp_path / "new.db", "-c", "long"]):
        check_failure(run_in(800, "-r", long_command_line, *words), 1,
                      f"cannot read {long_command_line}: {TOO_LONG}")
    assert not (tmp_path / "new.db").exists()
    assert TOO_LONG in run_in(800, "verify", long_command_line).stdout.decode()


def test_verify_finds_a_long_text(fixture_path, tmp_path):
    path = tmp_path / "two.db"
    shutil.copy(fixture_path, path)
    db = sqlite3.connect(path)
    db.execute(f"UPDATE processes SET cmdline = hex(zeroblob({MB})) WHERE id = 2")
    db.commit()
    db.close()
    assert "process 2 has a text of more than 1 MiB" in run_query("verify", path).stdout.decode()
    check_failure(run_query("-r", path, "processes"), 1, TOO_LONG)


def test_a_connection_with_many_events(tmp_path):
    """Its story has the first and the last, in little memory."""
    path = tmp_path / "many.db"
    make_file(path, recording(0, 10_000_000, "stopped") + connections(1) + f"""
        {COUNT.format(300_000)} INSERT INTO events SELECT i, 1, i, iif(i % 3 = 0, 8, 5), 1, 1, i FROM n;
        INSERT INTO batches (id, recording_id, committed_us, first_time_us, last_time_us, first_event_id, last_event_id)
        SELECT 1, 1, max(time_us), min(time_us), max(time_us), min(id), max(id) FROM events;
        UPDATE connections SET closed_us = 300001;""")
    result = run_in(300, "-r", path, "connection", "1", "-o", "json")
    assert result.returncode == 0, result.stderr.decode()
    (story,) = json.loads(result.stdout)
    assert story["events"] == 200_000
    kept = [i for i in range(1, 300_001) if i % 3]
    assert [event["value"] for event in story["timeline"]] == kept[:500] + kept[-500:]
    table = run_in(300, "-r", path, "connection", "1").stdout.decode()
    assert table.count("retransmit ") == 1000
    assert f"199000 events before this one are left out; {kept[-500]} segments" in table


def test_too_many_intervals(fixture_path):
    """The file is not to blame if the user's own words ask for too much."""
    check_failure(run_query("-r", fixture_path, "rate", "--interval", "1ms"), 1, "--interval 1ms", "a longer one")
    short = run_query("-r", fixture_path, "rate", "--interval", "1ms", "--last", "1s", "-o", "csv")
    assert short.returncode == 0 and short.stdout.count(b"\n") > 1000
