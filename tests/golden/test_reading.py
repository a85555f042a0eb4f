# SPDX-License-Identifier: Apache-2.0
"""Files in all states are read, and never written to."""
import json
import os
import shutil
import sqlite3
import subprocess

import pytest

from files import S, digest, rows, run
from query_driver import UNPRIVILEGED, make_file, recording, run_query

SAMPLES = [(1, 1, 2 * S + 1, 500, 400, 1), (2, 1, 3 * S, 70000, 9100, 4)]
CONNECTION = f"""
    INSERT INTO processes (id, pid, comm) VALUES (1, 77, 'curl');
    INSERT INTO connections (id, recording_id, cookie, generation, family, local_address, local_port,
                             peer_address, peer_port, direction, process_id, pid_source, start_kind,
                             opened_us, established_us, closed_us, outcome, bytes_sent,
                             rtt_min_us, rtt_sum_us, rtt_max_us, rtt_samples)
    VALUES (1, 1, 1, 1, 4, '10.0.0.1', 40000, '10.0.0.2', 80, 'active', 1, 'connect', 'seen',
            {2 * S}, {2 * S + 9}, {3 * S}, 'closed', 55, 500, 70500, 70000, 2);
    INSERT INTO events VALUES (1, 1, {2 * S}, 1, 7, 2, 0), (2, 1, {3 * S}, 7, 1, 7, 0);
    INSERT INTO rtt_samples VALUES {str(SAMPLES)[1:-1]};
    INSERT INTO batches (id, recording_id, committed_us, first_time_us, last_time_us,
                         first_event_id, last_event_id, first_rtt_sample_id, last_rtt_sample_id)
    VALUES (1, 1, {4 * S}, {2 * S}, {3 * S}, 1, 2, 1, 2);"""


def make_small_file(path):
    make_file(path, recording(S, 9 * S, "stopped") + CONNECTION)


ARGUMENTS = {"connection": ("1",)}  # what a report needs


def reports():
    return [row["name"] for row in json.loads(run("list", "-o", "json").stdout)]


@pytest.fixture
def killed(tmp_path):
    """A folder with a file as a killed recorder leaves it: the newest is in the log."""
    path = tmp_path / "writing.db"
    make_small_file(path)
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE connections SET bytes_sent = 66")
    writer.commit()
    folder = tmp_path / "theirs"
    folder.mkdir()
    for suffix in ("", "-wal", "-shm"):
        shutil.copy(f"{path}{suffix}", folder / f"killed.db{suffix}")
    writer.close()
    return folder / "killed.db"


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check_readable(path, expected, command=()):
    before = contents(path.parent)
    for arguments in (("connections", "-o", "json"), ("info",), ("verify",)):
        result = run_query("-r", path, *arguments, command=command)
        assert result.returncode == 0, result.stderr.decode()
        if arguments[0] == "connections":
            assert json.loads(result.stdout)[0]["bytes_sent"] == expected
    return before, contents(path.parent)


def leave(path, *suffixes):
    for suffix in ("-wal", "-shm"):
        if suffix not in suffixes:
            os.unlink(f"{path}{suffix}")


def test_of_a_program_killed_within_a_transaction(tmp_path):
    path, killed = tmp_path / "writing.db", tmp_path / "killed.db"
    make_small_file(path)
    writer = sqlite3.connect(path)
    writer.executescript("""
        PRAGMA cache_size = 1; CREATE TABLE notes (a); BEGIN;
        INSERT INTO notes SELECT zeroblob(100000) FROM event_kinds; UPDATE connections SET bytes_sent = 1""")
    for suffix in ("", "-journal"):
        shutil.copy(f"{path}{suffix}", f"{killed}{suffix}")
    writer.close()
    result = run_query("-r", killed, "connections")
    assert result.returncode == 1
    assert f"sqlite3 {killed} .tables".encode() in result.stderr and b"damaged" not in result.stderr
    subprocess.run(["sqlite3", killed, ".tables"], stdout=subprocess.DEVNULL, check=True)
    assert json.loads(run("-r", killed, "connections", "-o", "json").stdout)[0]["bytes_sent"] == 55


def test_derived_columns_compare_with_text(tmp_path):
    """As those of a table do, which Datasette relies on."""
    make_small_file(tmp_path / "a.db")
    db = sqlite3.connect(tmp_path / "a.db")
    samples = [row[1] for row in db.execute("PRAGMA table_info(rtt_samples)")]
    for view, columns, count in (("rtt_samples", samples, len(SAMPLES)),
                                 ("connection_log", ["connect_us", "duration_us", "rtt_avg_us"], 1)):
        for name in columns:
            assert db.execute(f"SELECT count(*) FROM {view} WHERE {name} = CAST({name} AS TEXT)"
                              ).fetchone() == (count,), name
    db.close()


STATES = [(("-wal", "-shm"), 66), (("-wal",), 66), ((), 55)]


@pytest.mark.parametrize("suffixes, expected", STATES)
def test_of_a_killed_recorder(killed, suffixes, expected):
    """Its own files stay as they are; without the log it is as of the last checkpoint."""
    leave(killed, *suffixes)
    before, after = check_readable(killed, expected)
    for name in before.keys() - {"killed.db-shm"}:
        assert after[name] == before[name]


@pytest.mark.parametrize("suffixes, expected", STATES)
def test_in_a_folder_that_cannot_be_written(killed, suffixes, expected):
    leave(killed, *suffixes)
    for path in killed.parent.iterdir():
        path.chmod(0o444)
    killed.parent.chmod(0o555)
    try:
        before, after = check_readable(killed, expected, UNPRIVILEGED)
    finally:
        killed.parent.chmod(0o755)
    assert after == before


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
@pytest.mark.parametrize("suffixes, expected", STATES)
def test_read_only_mount(killed, tmp_path, suffixes, expected):
    leave(killed, *suffixes)
    mount = tmp_path / "mount"
    mount.mkdir()
    subprocess.run(["mount", "--bind", killed.parent, mount], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", mount], check=True)
        before, after = check_readable(mount / killed.name, expected)
        run("-r", mount / killed.name, "snapshot", "-o", tmp_path / "copy.db")
        result = run_query("-r", mount / killed.name, "snapshot", "-o", mount / "copy.db")
        assert (result.returncode, b"Read-only file system" in result.stderr) == (1, True)
    finally:
        subprocess.run(["umount", mount], check=True)
    assert after == before
    assert rows(tmp_path / "copy.db", "SELECT bytes_sent FROM connections") == [(expected,)]


def test_odd_names(killed, tmp_path):
    """As they are part of a URI."""
    folder = tmp_path / "a b?c#d%20ä"
    shutil.move(killed.parent, folder)
    (folder / "killed.db-shm").unlink()
    folder.chmod(0o555)
    try:
        check_readable(folder / "killed.db", 66, UNPRIVILEGED)
    finally:
        folder.chmod(0o755)


def test_nothing_is_written(fixture_path, tmp_path):
    """By no report, no format and no command."""
    path = tmp_path / "mine.db"
    shutil.copy(fixture_path, path)
    before = digest(path), path.stat().st_mtime_ns
    for name in reports():
        for output in ("table", "json", "csv"):
            run("-r", path, name, *ARGUMENTS.get(name, ()), "-o", output)
    run("-r", path, "snapshot", "-o", tmp_path / "cut.db")
    run("verify", path)
    run("merge", "-o", tmp_path / "all.db", path)
    assert (digest(path), path.stat().st_mtime_ns) == before
    assert {other.name for other in tmp_path.iterdir()} == {"mine.db", "cut.db", "all.db"}
