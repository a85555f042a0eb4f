# SPDX-License-Identifier: Apache-2.0
"""The file says that its recorder runs, also when nothing happens; a copy does not say it long."""

import json
import shutil
import sqlite3
import subprocess
import time

import pytest

from recording import QUERY, Recording
from servers import connected_pair


def report(path, *arguments):
    done = subprocess.run([QUERY, "-r", str(path), *arguments, "-o", "json"], capture_output=True,
                          check=True, text=True)
    return json.loads(done.stdout), done.stderr


def end_kind(path):
    return report(path, "recordings")[0][0]["end_kind"]


@pytest.mark.slow
def test_while_nothing_happens(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us) as recording:
        recording.wait_for("SELECT heartbeat_us - started_us > 15000000 FROM recordings",
                           timeout_s=60)
        assert end_kind(recording.db) == "running"
        recording.kill()
    Recording(recording.db, *only_us).stop()
    assert recording.value("SELECT ended_us = heartbeat_us FROM recordings WHERE id = 1")


def test_a_backup_of_a_live_file(tmp_path, only_us):
    """What was open then is not called open later, for nobody knows."""
    with Recording(tmp_path / "a.db", *only_us) as recording:
        client, server, _ = connected_pair()
        recording.wait_for("SELECT count(*) = 2 FROM connections")
        source, copy = sqlite3.connect(recording.db), sqlite3.connect(tmp_path / "copy.db")
        source.backup(copy)
        source.close()
        copy.close()
        client.close()
        server.close()
        assert end_kind(tmp_path / "copy.db") == "silent" and end_kind(recording.db) == "running"
        time.sleep(2)
        assert report(tmp_path / "copy.db", "active", "--at", "1s ago")[0] == []
        rows, said = report(tmp_path / "copy.db", "active")
        assert len(rows) == 2 and "has no end" in said
        recording.stop()


def test_a_copy_of_a_live_file_without_its_log(tmp_path, only_us):
    """It knows from the start that it was being recorded into."""
    with Recording(tmp_path / "a.db", *only_us) as recording:
        shutil.copy(recording.db, tmp_path / "copy.db")
        recording.kill()
    (row,), said = report(tmp_path / "copy.db", "recordings")
    assert row["end_kind"] == "silent" and "-wal is there" in said


def test_a_commit_interval_longer_than_a_heartbeat(tmp_path, only_us):
    with Recording(tmp_path / "a.db", "--commit-interval", "1h", *only_us) as recording:
        assert recording.value("SELECT heartbeat_interval_us FROM recordings") == 3_600_000_000
        recording.stop()
