# SPDX-License-Identifier: Apache-2.0
"""A recording without an end: whether a recorder still writes it, and how far it reaches if not."""
import contextlib
import json
import pathlib
import shutil
import sqlite3
import time

import pytest

from files import S, digest, report, rows, run
from query_driver import alive, make_file, recording, run_query

NOTICE = b"has no end"
HINT = b"-wal is there"


def hour_ago_us():
    return int(time.time() - 3600) * S


def make(path, of_its_recorder):
    """One open connection, an hour old, and a commit just after it was opened."""
    begin_us = hour_ago_us()
    make_file(path, recording(begin_us, "NULL", "running") + of_its_recorder + f"""
        INSERT INTO batches (id, recording_id, committed_us) VALUES (1, 1, {begin_us + S});
        INSERT INTO connections (id, recording_id, cookie, generation, direction, pid_source,
                                 start_kind, opened_us, outcome)
        VALUES (1, 1, 1, 1, 'active', 'unknown', 'seen', {begin_us + 1}, 'open');""")
    return begin_us


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.db"


def errors(path, *arguments):
    return run("-r", path, *arguments).stderr


@contextlib.contextmanager
def written(path, of_its_recorder):
    """As a recorder writes it: with a log."""
    make(path, of_its_recorder)
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE connections SET bytes_sent = 7")
    writer.commit()
    yield writer
    writer.close()


@pytest.mark.parametrize("age_s", [0, 5])
def test_one_that_runs_lasts_until_now(path, age_s):
    with written(path, alive(age_s)):
        check_runs(path)


def check_runs(path):
    (connection,) = report(path, "active")
    assert 3600e6 <= connection["age_us"] < 3700e6
    assert len(report(path, "connections", "-b", "1m ago")) == 1
    assert len(report(path, "active", "--at", "1m ago")) == 1
    (row,) = report(path, "recordings")
    assert row["end_kind"] == "running" and row["until_us"] > time.time() * S - 60 * S
    assert report(path, "info")[0]["running"] == 1
    assert errors(path, "active") == b""
    assert b"goes on: the recorder runs" in run("verify", path).stdout


def check_silent(path, until_us):
    (connection,) = report(path, "active")
    assert connection["opened_us"] + connection["age_us"] == until_us
    assert report(path, "connections", "-b", "40s ago") == []
    assert report(path, "active", "--at", "40s ago") == []
    (row,) = report(path, "recordings")
    assert (row["end_kind"], row["until_us"]) == ("silent", until_us)
    (info,) = report(path, "info")
    assert (info["running"], info["last_us"]) == (0, until_us)
    for name in ("active", "connections", "summary", "info", "recordings", "listeners"):
        assert errors(path, name).count(NOTICE) == 1
    assert NOTICE in errors(path, "export", "--ndjson")
    assert NOTICE in errors(path, "snapshot", "-o", path.parent / "cut.db", "--force")
    assert NOTICE not in errors(path, "connections", "-e", until_us - 1)
    assert NOTICE in run("verify", path).stdout


def test_one_whose_recorder_was_killed_lasts_until_its_last_heartbeat(path):
    make(path, alive(age_s=45))
    ((heartbeat_us,),) = rows(path, "SELECT heartbeat_us FROM recordings")
    check_silent(path, heartbeat_us)


@pytest.mark.parametrize("of_its_recorder", ["", alive(boot_id="another")],
                         ids=["none", "another boot"])
def test_one_of_another_boot_does_not_run(path, of_its_recorder):
    """However fresh it is, such as one of another host."""
    begin_us = make(path, of_its_recorder + "UPDATE recordings SET heartbeat_us = 0;")
    check_silent(path, begin_us + S)


def test_heartbeats_as_often_as_it_commits(path):
    interval = "UPDATE recordings SET heartbeat_interval_us = 60000000;"
    with written(path, alive(age_s=100) + interval):
        assert report(path, "recordings")[0]["end_kind"] == "running"


def test_of_two_files_each_has_its_own_log(path, tmp_path):
    with written(path, alive()):
        other = tmp_path / "other.db"
        make_file(other, recording(5 * S, 9 * S, "stopped") + "UPDATE recordings SET host_id = 'o'")
        both = json.loads(run("-r", other, "-r", path, "recordings", "-o", "json").stdout)
        assert [row["end_kind"] for row in both] == ["running", "stopped"]


def test_in_each_file_of_several(path, tmp_path):
    make(path, alive(age_s=45))
    other = tmp_path / "other.db"
    make_file(other, recording(5 * S, 9 * S, "stopped") + "UPDATE recordings SET host_id = 'other';")
    stderr = run("-r", other, "-r", path, "connections").stderr
    assert stderr.count(NOTICE) == 1 and b"a.db: the recording of h" in stderr


@pytest.fixture
def live(path):
    with written(path, alive()):
        yield path


def status_of_log(path):
    result = run_query("verify", path, "-o", "json")
    assert result.returncode == 0
    (row,) = [row for row in json.loads(result.stdout) if row["check"] == "log"]
    return row["status"]


def test_a_copy_without_its_log(live, tmp_path):
    """It cannot be what a recorder writes, however fresh its last commit is."""
    copy = tmp_path / "copy.db"
    shutil.copy(live, copy)
    before = digest(copy)
    for name in ("active", "info", "connections"):
        stderr = errors(copy, name)
        assert NOTICE in stderr and HINT in stderr and stderr.count(b"\n") == 1
    assert status_of_log(copy) == "note"
    assert digest(copy) == before


def test_a_copy_with_its_log(live, tmp_path):
    for suffix in ("", "-wal"):
        shutil.copy(f"{live}{suffix}", tmp_path / f"copy.db{suffix}")
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        copy.executescript(alive(age_s=45))
        stderr = errors(tmp_path / "copy.db", "active")
    assert NOTICE in stderr and HINT not in stderr
    assert status_of_log(tmp_path / "copy.db") == "ok"


def test_of_a_recording_with_an_end_no_log_is_missing(live, tmp_path):
    """It is as SQLite's backup and its shell leave a file: whole."""
    writer = sqlite3.connect(live)
    writer.execute("UPDATE recordings SET end_kind = 'stopped', ended_us = heartbeat_us")
    writer.commit()
    copy = sqlite3.connect(tmp_path / "backup.db")
    writer.backup(copy)
    copy.close()
    writer.close()
    assert pathlib.Path(tmp_path / "backup.db").read_bytes()[18:20] == b"\x02\x02"
    assert errors(tmp_path / "backup.db", "active") == b""
    assert status_of_log(tmp_path / "backup.db") == "ok"
