# SPDX-License-Identifier: Apache-2.0
"""The recorder outlives a disk that is full or fails: it keeps what memory and rings hold,
counts what they do not, and goes on where the disk does."""

import contextlib
import os
import sqlite3
import time

import pytest

from disks import ext4, fill, mounted, needs_ext4, run, tmpfs
from recording import Recording
from servers import short_connection, wait_until
from storm import Storm
from storm_rows import EVENTS_OF_BOTH, Recorded
from test_loss import losses, stored


def record_on(disk, *options):
    """What the recorder says goes elsewhere."""
    return Recording(disk / "a.db", *options, messages=f"{disk}.messages")


def make_some(number):
    for _ in range(number):
        short_connection()


def wait_until_stuck(recording):
    """With connections enough to fill the log's last page."""
    def is_stuck():
        make_some(20)
        return "trying again" in recording.said()
    wait_until(is_stuck, timeout_s=20)


def cpu_share(recording):
    """Of one CPU, for three seconds."""
    def used_s():
        with open(f"/proc/{recording.process.pid}/stat", encoding="ascii") as stat:
            return sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13])) / 100
    before_s = used_s()
    time.sleep(3)
    return (used_s() - before_s) / 3


def assert_told_once(recording, reason):
    """That it stopped writing, and that it goes on."""
    (stuck,) = [line for line in recording.said().splitlines() if "trying again" in line]
    assert reason in stuck and recording.db in stuck
    assert recording.said().count("is written again") == 1


@pytest.mark.storm
def test_a_full_disk_loses_nothing_that_memory_holds(tmp_path, only_us):
    with (tmpfs(tmp_path / "disk", "192M") as disk,
          # Room for some seconds of the storm, also for a recorder that is slow.
          record_on(disk, "--ring-size", "128M", *only_us) as recording,
          Storm(4000, go=False) as storm):
        ballast = fill(disk)
        storm.go()
        storm.wait_until_half()
        wait_until(lambda: "trying again" in recording.said())
        ballast.unlink()
        wait_until(lambda: "is written again, lost meanwhile: 0\n" in recording.said())
        logs = storm.finish()
        recording.stop()
        assert_told_once(recording, "disk is full")
        recorded = Recorded(recording)
        assert losses(recording) == {}
        for made in logs[0] + logs[1]:
            recorded.check_whole(made)
        recorded.check_nothing_else(logs, 0)


@pytest.mark.storm
def test_what_memory_and_rings_cannot_hold_is_counted(tmp_path, only_us):
    with (tmpfs(tmp_path / "disk", "64M") as disk,
          record_on(disk, "--ring-size", "64K", *only_us) as recording,
          Storm(24_000, go=False) as storm):
        recording.wait_for("SELECT sum(outcome = 'closed') = 4 FROM connections")
        ballast = fill(disk)
        storm.go()
        logs = storm.finish()
        assert cpu_share(recording) < 0.2  # it waits, though more is waiting for it
        ballast.unlink()
        wait_until(lambda: "is written again" in recording.said())
        recording.stop()
        assert_told_once(recording, "disk is full")
        lost, made = losses(recording), sum(map(len, logs))
        assert lost["lifecycle_ring"] > 0
        assert stored(recording, "events") + lost["lifecycle_ring"] == EVENTS_OF_BOTH * made


def test_stopped_while_the_disk_is_full(tmp_path, only_us):
    with tmpfs(tmp_path / "disk", "4M") as disk, record_on(disk, *only_us) as recording:
        ballast = fill(disk)
        wait_until_stuck(recording)
        recording.process.terminate()
        assert recording.process.wait(20) == 1
        assert recording.said().splitlines()[-1].startswith(
            f"ctrack-recorder: {disk}/a.db still cannot be written: ")
        ballast.unlink()
        record_on(disk, *only_us).stop()
        assert recording.value("SELECT group_concat(end_kind) FROM recordings") == "crashed,stopped"


@needs_ext4
def test_a_file_system_that_turns_read_only(tmp_path, only_us):
    """As ext4 does when it meets an error; mounted again, it goes on where that was."""
    disk = tmp_path / "disk"
    with ext4(disk, "16M") as device, record_on(disk, *only_us) as recording:
        make_some(10)
        recording.wait_for("SELECT count(*) >= 20 FROM connections")
        run("sync", "--file-system", str(disk))  # else it would be lost, as with the power
        with open(f"/sys/fs/ext4/{device}/trigger_fs_error", "w", encoding="ascii") as trigger:
            trigger.write("test")
        wait_until_stuck(recording)
        assert "disk I/O error" in recording.said()
        recording.process.terminate()
        assert recording.process.wait(20) == 1
    with mounted(f"{disk}.image", disk):
        record_on(disk, *only_us).stop()
        assert recording.value("SELECT count(*) >= 20 FROM connections WHERE recording_id = 1")


def test_a_file_that_is_moved_while_the_disk_is_full(tmp_path, only_us):
    """There is no room for a new one, so that all waits in memory until there is."""
    with (tmpfs(tmp_path / "disk", "4M") as disk, record_on(disk, *only_us) as recording):
        make_some(20)
        recording.wait_for("SELECT count(*) >= 40 FROM connections")
        ballast = fill(disk)
        os.rename(recording.db, disk / "old.db")
        make_some(20)
        wait_until(lambda: "trying again" in recording.said())
        make_some(20)
        ballast.unlink()
        wait_until(lambda: "is written again, lost meanwhile: 0\n" in recording.said())
        recording.stop()
        with contextlib.closing(sqlite3.connect(disk / "old.db")) as old:
            (in_old,) = old.execute("SELECT count(*) FROM connections WHERE closed_us > 0").fetchone()
        assert in_old + recording.value("SELECT count(*) FROM connections") >= 120
        assert losses(recording) == {}
