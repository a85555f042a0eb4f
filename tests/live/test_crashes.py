# SPDX-License-Identifier: Apache-2.0
"""The recorder is killed again and again amid a storm. CTRACK_KILLS says how often; the
file is a new one after each twenty."""

import copy
import os
import random
import shutil
import sqlite3
import subprocess
import time

import pytest

from recording import RECORDER, Recording
from storm import Storm, boottime_ns
from storm_rows import Recorded, rows_by_cookie

KILLS = int(os.environ.get("CTRACK_KILLS", "10"))
KILLS_OF_A_FILE = 20

COMMIT_INTERVAL_S = 0.1  # of class Recording
# On a host with more to do than CPUs: a commit due may come this much later.
LATE_S = 0.5
# A record can be this long on its way from the kernel to a commit that begins later.
ON_ITS_WAY_NS = 250_000_000


def assert_whole(db, folder):
    """Looks at a copy: the next recorder shall find what the killed one left."""
    folder.mkdir(exist_ok=True)
    for suffix in ("", "-wal"):
        shutil.copy(f"{db}{suffix}", folder / f"copy.db{suffix}")
    db = sqlite3.connect(folder / "copy.db")
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    db.close()
    shutil.rmtree(folder)


def kill_one(db, only_us):
    """At a random moment. Returns when it was started, recorded and was killed, in ns."""
    started_ns = boottime_ns()
    recording = Recording(db, *only_us)
    recording_ns = boottime_ns()
    time.sleep(random.uniform(0.02, 0.4))
    killed_ns = boottime_ns()
    recording.kill()
    return started_ns, recording_ns, killed_ns


def kill_again_and_again(db, only_us, times):
    lives = []
    for _ in range(times):
        lives.append(kill_one(db, only_us))
        assert_whole(db, db.parent / "copy")
    return lives


def end_kinds(recording):
    rows = recording.rows("SELECT end_kind FROM recordings ORDER BY id")
    return [row["end_kind"] for row in rows]


def all_recorded(recording, number):
    """Of each recording; what is read of the whole file is read once."""
    first = Recorded(recording, 1)
    for recording_id in range(1, number + 1):
        recorded = copy.copy(first)
        recorded.rows = rows_by_cookie(recording, recording_id)
        (recorded.about,) = recording.rows("SELECT * FROM recordings WHERE id = ?", recording_id)
        yield recorded


def check_recording(recorded, logs):
    """Between its start and its last commit nothing is missing. Returns how many connections
    it has from the first record to the last."""
    begin_ns, end_ns = (recorded.boottime_us(recorded.about[name]) * 1000
                        for name in ("started_us", "ended_us"))
    inside = [made for log in logs for made in log
              if begin_ns < made.begun_ns and made.ended_ns < end_ns - ON_ITS_WAY_NS]
    for made in inside:
        recorded.check_whole(made)
    return len(inside)


def missing_s(recorded, life):
    """From the last commit to the kill; the first commit is due an interval after the start."""
    _, recording_ns, killed_ns = life
    last_commit_ns = recorded.boottime_us(recorded.about["ended_us"]) * 1000
    return (killed_ns - max(recording_ns, last_commit_ns)) / 1e9


def check_starts(lives):
    """Takes no longer than the first, which found no file. Returns the longest."""
    starts_s = [(recording_ns - started_ns) / 1e9 for started_ns, recording_ns, _ in lives]
    assert max(starts_s) < starts_s[0] + 2
    return max(starts_s)


@pytest.mark.storm
@pytest.mark.parametrize("kills", [min(KILLS_OF_A_FILE, KILLS - done)
                                   for done in range(0, KILLS, KILLS_OF_A_FILE)])
def test_killed_amid_a_storm(tmp_path, only_us, kills):
    db = tmp_path / "a.db"
    with Storm(2000, processes=1) as storm:
        lives = kill_again_and_again(db, only_us, kills)
        logs = storm.finish()
    last = Recording(db, *only_us).stop()
    assert end_kinds(last) == ["crashed"] * kills + ["stopped"]
    assert last.rows("SELECT cookie FROM connections GROUP BY recording_id, cookie, generation "
                     "HAVING count(*) > 1") == []
    killed = list(all_recorded(last, kills))
    missing = max(missing_s(*each) for each in zip(killed, lives))
    whole = sum(check_recording(recorded, logs) for recorded in killed)
    print(f"{kills} kills: longest start {check_starts(lives):.2f} s, at most {missing:.3f} s "
          f"missing, {whole} whole connections")
    assert missing < COMMIT_INTERVAL_S + LATE_S
    assert whole > 10 * kills


def test_killed_while_it_starts(tmp_path):
    """Also while it makes the file."""
    for number in range(3):
        db = tmp_path / f"{number}.db"
        for _ in range(2):
            recorder = subprocess.Popen([RECORDER, "-q", "--db", str(db)])
            time.sleep(random.uniform(0, 0.4))
            recorder.kill()
            recorder.wait()
        started_before = os.path.getsize(db) > 0 if db.exists() else False
        last = Recording(db).stop()
        kinds = end_kinds(last)
        assert kinds[-1] == "stopped" and set(kinds[:-1]) <= {"crashed"}
        assert started_before or len(kinds) == 1
