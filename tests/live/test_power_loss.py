# SPDX-License-Identifier: Apache-2.0
"""What the power leaves of a file and its log, simulated.

A stopped recorder is copied at a random moment. Then the copy is given what a loss of power
at that moment may leave: of the log all that was synced, that is what a checkpoint has begun
to move, and of the rest any part, followed by nothing, zeros or garbage; of the file all
pages, but those that are in this log may be torn."""

import os
import pathlib
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import time

import pytest

from recording import QUERY, Recording
from servers import connected_pair
from storm import Storm

PAGE = 8192
FRAME = 24 + PAGE
LOG_HEADER = 32
COPIES, LOSSES_OF_A_COPY = 4, 3
# In the -shm, after two copies of its header: nBackfill, five read marks, eight locks, and
# nBackfillAttempted. See walformat.html of SQLite.
MOVED_OFFSET = 2 * 48 + 4 + 5 * 4 + 8


def copy_at_random(recording, folder):
    folder.mkdir()
    time.sleep(random.uniform(0.05, 0.4))
    recording.process.send_signal(signal.SIGSTOP)
    try:
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(recording.db + suffix, folder / f"copy.db{suffix}")
    finally:
        recording.process.send_signal(signal.SIGCONT)
    return folder / "copy.db"


def frames_moved(db):
    """How many frames of the log were synced, since a checkpoint has begun to move them."""
    shm = pathlib.Path(f"{db}-shm").read_bytes()
    return struct.unpack_from("=I", shm, MOVED_OFFSET)[0]


def copies_at_random(recording, folder):
    """The last is from amid a checkpoint, or just after: it may have torn pages."""
    copies, deadline = [], time.monotonic() + 60
    while len(copies) < COPIES or frames_moved(copies[-1]) == 0:
        assert time.monotonic() < deadline, "no checkpoint was met"
        copies.append(copy_at_random(recording, folder / str(time.monotonic_ns())))
        if len(copies) > COPIES:
            shutil.rmtree(copies.pop(0).parent)
    return copies


def pages_in_log(log, frames):
    return {struct.unpack_from(">I", log, LOG_HEADER + number * FRAME)[0]
            for number in range(frames)}


def tear(db, pages):
    """Half of each is not what it was."""
    size = os.path.getsize(db)
    with open(db, "r+b") as file:
        for page in pages:
            if page * PAGE <= size:
                file.seek((page - 1) * PAGE + random.choice((0, PAGE // 2)))
                file.write(os.urandom(PAGE // 2))


def lose_power(db):
    log = pathlib.Path(f"{db}-wal").read_bytes()
    moved = frames_moved(db)
    kept = random.randint(min(LOG_HEADER + moved * FRAME, len(log)), len(log))
    rest = len(log) - kept
    tail = random.choice((b"", bytes(rest), os.urandom(rest)))
    pathlib.Path(f"{db}-wal").write_bytes(log[:kept] + tail)
    os.unlink(f"{db}-shm")
    pages = pages_in_log(log, moved)
    tear(db, random.sample(sorted(pages), len(pages) // 2))


def assert_whole(db):
    """And all commits up to the last are there."""
    connection = sqlite3.connect(db)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    last, number, last_event = connection.execute(
        "SELECT max(id), count(*), max(last_event_id) FROM batches").fetchone()
    assert last == number or last is None
    assert (last_event,) == connection.execute("SELECT max(id) FROM events").fetchone()
    connection.close()
    return number


def check_loss(copied, folder, only_us):
    folder.mkdir()
    for suffix in ("", "-wal", "-shm"):
        shutil.copy(f"{copied}{suffix}", folder)
    lose_power(folder / copied.name)
    looked_at = folder / "looked-at.db"
    for suffix in ("", "-wal"):
        shutil.copy(folder / f"copy.db{suffix}", f"{looked_at}{suffix}")
    batches = assert_whole(looked_at)
    check_continues(folder / copied.name, batches, only_us)
    shutil.rmtree(folder)


def check_continues(db, batches, only_us):
    """The recorder opens it and goes on, ctrack-query reads it."""
    recording = Recording(db, *only_us).stop()
    assert "corrupt" not in recording.said()
    rows = recording.rows("SELECT end_kind FROM recordings ORDER BY id")
    assert [row["end_kind"] for row in rows] == ["crashed", "stopped"]
    assert recording.value("SELECT count(*) FROM batches WHERE recording_id = 1") == batches
    subprocess.run([QUERY, "-r", db, "summary"], check=True, capture_output=True)


@pytest.mark.storm
def test_the_power_goes_amid_a_storm(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us) as recording, Storm(2000):
        recording.wait_for("SELECT count(*) > 5000 FROM events")
        copies = copies_at_random(recording, tmp_path)
    for db in copies * LOSSES_OF_A_COPY:
        check_loss(db, tmp_path / "lost", only_us)


def test_the_log_is_missing(tmp_path, only_us):
    """As in a copy of the file alone: what was in it is lost, the rest is whole. The file knows that
    it was being recorded into."""
    with Recording(tmp_path / "a.db", *only_us) as killed:
        client, server, port = connected_pair()
        killed.kill_once_recorded(port)
    os.unlink(f"{killed.db}-wal")
    recording = Recording(killed.db, *only_us).stop()
    assert [row["end_kind"] for row in recording.rows("SELECT end_kind FROM recordings")] == [
        "crashed", "stopped"]
    client.close()
    server.close()
