# SPDX-License-Identifier: Apache-2.0
"""A file that is damaged is kept under another name, and a new one is begun."""

import pathlib
import sqlite3
import subprocess

from recording import RECORDER, Recording
from servers import connected_pair, exchange, wait_until

PAGE = 8192


def damage(db, first_page):
    """All pages from this on."""
    size = pathlib.Path(db).stat().st_size
    with open(db, "r+b") as file:
        file.seek((first_page - 1) * PAGE)
        file.write(b"x" * (size - file.tell()))


def corrupt_files(folder):
    return sorted(path.name for path in folder.glob("*.corrupt-*"))


def test_damaged_before_the_start(tmp_path, only_us):
    db = tmp_path / "a.db"
    Recording(db, *only_us).stop()
    damage(db, 2)
    damaged = db.read_bytes()
    done = subprocess.run([RECORDER, "-q", "--db", str(db), "--duration", "100ms"],
                          capture_output=True, text=True, timeout=60)
    (aside,) = corrupt_files(tmp_path)
    assert done.returncode == 0 and done.stdout == ""
    (told,) = [line for line in done.stderr.splitlines()
               if "network namespace" not in line]  # of which other tests may just take one away
    assert aside in told
    assert (tmp_path / aside).read_bytes() == damaged
    assert Recording(db, *only_us).stop().value("SELECT count(*) FROM recordings") == 2
    assert corrupt_files(tmp_path) == [aside]


def test_damaged_while_it_records(tmp_path, only_us):
    """Of what is open the new file has rows; of what was over, the old one."""
    db = tmp_path / "a.db"
    Recording(db, *only_us).stop()
    client, server, port = connected_pair()
    with Recording(db, *only_us) as recording:
        recording.wait_for("SELECT count(*) = 2 FROM connections")
        version = recording.value("PRAGMA user_version")
        other = sqlite3.connect(db)
        other.execute("SELECT * FROM recordings").fetchall()
        damage(db, 2)
        other.execute(f"PRAGMA user_version = {version}")  # the recorder forgets its cached pages
        exchange(client, server, b"q" * 10, b"r" * 20)
        # Before Linux 6.12 the exchange is no event, and the next walk brings a commit.
        wait_until(lambda: "recording into a new file" in recording.said(), timeout_s=20)
        other.close()
        (aside,) = [name for name in corrupt_files(tmp_path) if name[-1].isdigit()]
        assert recording.said().count(aside) == 1
        client.close()
        server.close()
        recording.stop()
        rows = recording.rows("SELECT start_kind, outcome, bytes_sent FROM connection_log WHERE ? "
                              "IN (local_port, peer_port) AND comm IS NOT NULL ORDER BY 3", port)
        assert [tuple(row.values()) for row in rows] == [("preexisting", "closed", 10),
                                                         ("preexisting", "closed", 20)]
        samples = recording.value("SELECT count(*) FROM rtt_samples")
        adoption = recording.value("SELECT adoption FROM recordings ORDER BY id DESC LIMIT 1")
        assert (samples > 0) == (adoption == "callbacks")
        assert recording.rows("PRAGMA foreign_key_check") == []
