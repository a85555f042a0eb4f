# SPDX-License-Identifier: Apache-2.0
"""The wall clock is stepped under a running recorder: that of the recorder alone, because the
clock of the host is not ours to set."""

import pathlib
import subprocess
import time

import pytest

from recording import Recording
from servers import connected_pair, short_connection

HOUR_S = 3600
TOLERANCE_US = 200_000


@pytest.fixture
def wall_clock(tmp_path):
    """A file that holds how far, in seconds, the recorder's clock is ahead; and the command
    before its own that makes it so."""
    library, ahead = tmp_path / "stepped_clock.so", tmp_path / "ahead"
    subprocess.run(["clang", "-O2", "-shared", "-fPIC", "-o", library,
                    pathlib.Path(__file__).parent / "stepped_clock.c"], check=True)
    ahead.write_text("+0")
    return ahead, ("env", f"LD_PRELOAD={library}", f"CLOCK_AHEAD_FILE={ahead}",
                   "ASAN_OPTIONS=verify_asan_link_order=0:detect_stack_use_after_return=1")


def step(recording, ahead, seconds):
    new = ahead.with_name("new")  # to write a file anew empties it first, and somebody may read it then
    new.write_text(f"{seconds:+d}")
    new.rename(ahead)
    recording.wait_for("SELECT abs(clock_step_us - ?) < ? FROM batches ORDER BY id DESC LIMIT 1",
                       seconds * 1_000_000, TOLERANCE_US)


def test_steps_of_the_wall_clock_are_stored_and_change_no_time(tmp_path, wall_clock):
    ahead, command = wall_clock
    began = time.time_ns() // 1000
    with Recording(tmp_path / "a.db", command=command) as recording:
        opened = time.monotonic()
        client, server, long_one = connected_pair()
        recording.wait_for("SELECT count(*) > 0 FROM connections")
        step(recording, ahead, HOUR_S)
        forward = short_connection()
        step(recording, ahead, -2 * HOUR_S)
        back = short_connection()
        client.close()
        server.close()
        lasted_us = (time.monotonic() - opened) * 1_000_000
        recording.stop()
    ended = time.time_ns() // 1000
    for end in recording.both_ends(long_one):
        assert abs(end["duration_us"] - lasted_us) < TOLERANCE_US
    in_order = [end["opened_us"] for port in (long_one, forward, back)
                for end in recording.both_ends(port)]
    times = recording.rows("SELECT id, time_us FROM events")
    assert began - TOLERANCE_US < min(row["time_us"] for row in times)
    assert max(row["time_us"] for row in times) < ended + TOLERANCE_US
    assert in_order == sorted(in_order) and len(in_order) == 6
    steps = recording.rows("SELECT DISTINCT clock_step_us FROM batches ORDER BY id")
    hours = [round(row["clock_step_us"] / 3_600_000_000) for row in steps]
    assert hours == [0, 1, -2]  # each one step, however often it is read


def test_a_daylight_change_is_no_step(tmp_path):
    """Times are UTC: a recorder in another zone writes the same."""
    with Recording(tmp_path / "a.db", command=("env", "TZ=Pacific/Chatham")) as recording:
        before = time.time_ns() // 1000
        port = short_connection()
        recording.stop()
    for end in recording.both_ends(port):
        assert abs(end["opened_us"] - before) < TOLERANCE_US
    assert recording.value("SELECT max(abs(clock_step_us)) FROM batches") == 0
