# SPDX-License-Identifier: Apache-2.0
"""The recorder starts, stops and is killed amid many short connections and beside some
that last: each row is held against the log of the process that made the connection."""

import os
import socket
import threading

import pytest

from other_programs import another_program
from recording import Recording
from storm import LongLived, Storm
from storm_rows import Recorded, check_started_amid, check_stopped_amid, rows_by_cookie
from test_loss import paused

pytestmark = pytest.mark.storm

CONNECTIONS = 20_000


def assert_nothing_lost(recording):
    assert recording.rows("SELECT * FROM loss_log") == []


def wait_until_taken_in(recording, recording_id, ends):
    """With their owner, and from the start on: not by the next walk, after 10 s."""
    recording.wait_for("SELECT count(*) = ? FROM connection_log WHERE recording_id = ? "
                       "AND start_kind = 'preexisting' AND pid = ?",
                       ends, recording_id, os.getpid(), timeout_s=6)


def test_start_amid_a_storm(tmp_path, only_us):
    with LongLived(1000) as long_lived, Storm(CONNECTIONS) as storm:
        long_lived.chat()
        with Recording(tmp_path / "a.db", *only_us) as recording:
            wait_until_taken_in(recording, 1, 2000)
            logs = storm.finish()
            long_lived.be_quiet()
            long_lived.close_half()
            recording.stop()
        recorded = Recorded(recording)
        assert_nothing_lost(recording)
        assert all([check_started_amid(recorded, log) for log in logs])
        recorded.check_long_lived(long_lived, "preexisting")
        recorded.check_nothing_else(logs, 2000)


def test_stop_amid_a_storm(tmp_path, only_us):
    with (Recording(tmp_path / "a.db", *only_us) as recording, LongLived(100) as long_lived,
          Storm(CONNECTIONS) as storm):
        long_lived.close_half()
        storm.wait_until_half()
        recording.stop()
        logs = storm.finish()
        recorded = Recorded(recording)
        assert_nothing_lost(recording)
        for log in logs:
            assert CONNECTIONS / 4 <= check_stopped_amid(recorded, log) < len(log)
        recorded.check_long_lived(long_lived, "seen")
        recorded.check_nothing_else(logs, 200)


def assert_rows_at_least(recording, recording_id, checkpoint):
    """What a checkpoint saw of connections that are still open."""
    rows = rows_by_cookie(recording, recording_id)
    for cookie, seen in checkpoint.items():
        assert rows[cookie]["outcome"] == "open"
        assert rows[cookie]["pid"] == os.getpid()
        for counter in ("bytes_sent", "bytes_received", "segs_sent", "rtt_samples"):
            assert rows[cookie][counter] >= seen[counter]


def test_kill_and_restart_amid_a_storm(tmp_path, only_us):
    db = tmp_path / "a.db"
    with Recording(db, *only_us) as killed, LongLived(100) as long_lived:
        killed.wait_for("SELECT count(*) = 200 FROM connections WHERE bytes_sent > 0",
                        timeout_s=15)
        checkpoint = rows_by_cookie(killed, 1)
        with Storm(CONNECTIONS) as storm:
            long_lived.chat()
            storm.wait_until_half()
            killed.kill()
            with Recording(db, *only_us) as recording:
                wait_until_taken_in(recording, 2, 200)
                logs = storm.finish()
                long_lived.be_quiet()
                long_lived.close_half()
                recording.stop()
        assert [row["end_kind"] for row in recording.rows("SELECT end_kind FROM recordings")] == [
            "crashed", "stopped"]
        assert_nothing_lost(recording)
        assert_rows_at_least(recording, 1, checkpoint)
        first, second = Recorded(recording, 1), Recorded(recording, 2)
        for log in logs:
            assert check_stopped_amid(first, log) <= check_started_amid(second, log)
        second.check_long_lived(long_lived, "preexisting")
        first.check_nothing_else(logs, 200)
        second.check_nothing_else(logs, 200)


def test_stop_with_more_than_a_batch_in_the_rings(tmp_path, only_us):
    """A batch takes 65,536 events; here nobody has emptied the rings for a while."""
    with (Recording(tmp_path / "a.db", "--ring-size", "64M", *only_us) as recording,
          Storm(16_000, go=False) as storm):
        recording.wait_for("SELECT sum(outcome = 'closed') = 4 FROM connections")
        with paused(recording):
            storm.go()
            logs = storm.finish()
            recording.process.terminate()
        recording.stop()
        recorded = Recorded(recording)
        assert_nothing_lost(recording)
        assert recording.value("SELECT max(last_event_id - first_event_id) > 65000 FROM batches")
        for made in logs[0] + logs[1]:
            recorded.check_whole(made)
        recorded.check_nothing_else(logs, 0)


# Between the two calls of a handshake, RTT and PASSIVE_ESTABLISHED, some 2 ms pass.
SLOW = ("if (skops->op == BPF_SOCK_OPS_RTT_CB && skops->state == BPF_TCP_SYN_RECV) "
        "for (int i = 0; i < 30000; i++) bpf_ktime_get_ns()")


def make_connections(stop):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        while not stop.is_set():
            with socket.create_connection(listener.getsockname()), listener.accept()[0]:
                pass


def test_stop_amid_a_handshake(tmp_path, only_us, cgroup):
    """Nothing is told of a connection before it is accepted: no row is without addresses."""
    stop = threading.Event()
    storms = [threading.Thread(target=make_connections, args=(stop,)) for _ in range(4)]
    for storm in storms:
        storm.start()
    try:
        for number in range(6):
            folder = tmp_path / str(number)
            folder.mkdir()
            with Recording(folder / "a.db", *only_us) as recording:
                with another_program(folder, cgroup, "multi", does=SLOW):
                    recording.wait_for("SELECT count(*) > 0 FROM connections "
                                       "WHERE direction = 'passive'")
                    recording.stop()
            assert recording.value("SELECT count(*) FROM loss_log") == 0
            assert recording.rows("SELECT * FROM connections WHERE peer_port IS NULL") == []
    finally:
        stop.set()
        for storm in storms:
            storm.join()
