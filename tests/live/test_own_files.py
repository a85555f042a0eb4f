# SPDX-License-Identifier: Apache-2.0
"""Whose the files are: what the recorder makes is for its owner and group, and it records into
nothing that another user could have written to."""

import os
import socket
import sqlite3
import subprocess

import pytest

from recording import RECORDER, Recording
from servers import short_connection, wait_until


def mode(path):
    return oct(os.stat(path).st_mode & 0o7777)


def refused(db):
    """The one line that says why."""
    done = subprocess.run([RECORDER, "--db", str(db), "--duration", "100ms"],
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    assert str(db) in done.stderr
    return done.stderr


def in_shell(setting):
    """The command before the recorder's own that makes it so."""
    return ("sh", "-c", f"{setting} && exec \"$@\"", "sh")


@pytest.fixture
def file(tmp_path):
    return Recording(tmp_path / "a.db").stop().db


@pytest.mark.parametrize("umask", ["000", "077"])
def test_owner_and_group_read_whatever_the_umask(tmp_path, umask):
    db = tmp_path / "new" / "deeper" / "a.db"
    with Recording(db, command=in_shell(f"umask {umask}"),
                   messages=tmp_path / "messages") as recording:
        assert {mode(f"{db}{suffix}") for suffix in ("", "-wal", "-shm")} == {"0o640"}
        recording.stop()
    assert mode(db.parent) == mode(db.parent.parent) == "0o750"


@pytest.mark.parametrize("suffix", ["", "-wal", "-journal"])
def test_a_file_of_another_user(file, suffix):
    open(file + suffix, "ab").close()
    os.chown(file + suffix, 65534, 65534)
    assert "belongs to user 65534" in refused(file)


def test_a_file_that_everybody_can_write(file):
    os.chmod(file, 0o646)
    assert "can be written by everybody" in refused(file)


def test_no_file(tmp_path):
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(tmp_path / "socket"))
    os.mkfifo(tmp_path / "pipe")
    assert "is no regular file" in refused(tmp_path / "pipe")
    assert "cannot write" in refused(tmp_path / "socket")


def test_a_file_with_a_trigger(file):
    db = sqlite3.connect(file)
    db.execute("CREATE TRIGGER theirs AFTER INSERT ON batches BEGIN DELETE FROM connections; END")
    db.commit()
    db.close()
    assert "the trigger theirs" in refused(file)


def test_a_limit_of_the_size_of_files_is_a_full_disk(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us,
                   command=("prlimit", "--fsize=1000000:unlimited")) as recording:
        def is_stuck():
            for _ in range(20):
                short_connection()
            return "trying again" in recording.said()
        wait_until(is_stuck, timeout_s=20)
        subprocess.run(["prlimit", "--pid", str(recording.process.pid), "--fsize=unlimited"],
                       check=True)
        wait_until(lambda: "is written again, lost meanwhile: 0" in recording.said())
        recording.stop()
