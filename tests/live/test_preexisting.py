# SPDX-License-Identifier: Apache-2.0
"""Connections older than the recorder, checkpoints, and ends that were not seen."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time

import pytest

from namespaces import states
from recording import Recording, paused
from servers import (connected_pair, curl, exchange, free_port, pair_from, receive_all,
                     running, short_connection)

WALK_INTERVAL_S = 10


def callbacks_can_be_switched_on(recording):
    return recording.value("SELECT adoption FROM recordings") == "callbacks"


def test_connections_and_owner_are_there_from_the_start(tmp_path):
    client, server, port = connected_pair()
    exchange(client, server, b"q" * 1000, b"r" * 2000)
    with Recording(tmp_path / "a.db") as recording:
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE ? IN (local_port, "
                           "peer_port)", port)
        exchange(client, server, b"q" * 10, b"r" * 20)
        client.close()
        assert receive_all(server) == b""
        server.close()
        recording.stop()
        rows = recording.rows("SELECT * FROM connection_log WHERE ? IN (local_port, peer_port) "
                              "ORDER BY local_port = ?", port, port)
        samples = recording.rows("SELECT count(*) AS n FROM rtt_log WHERE ? IN (local_port, "
                                 "peer_port) GROUP BY connection_id", port)
    assert len(rows) == 2
    for row in rows:
        assert row["start_kind"] == "preexisting" and row["pid_source"] in ("scan", "closer")
        assert (row["pid"], row["local_address"]) == (os.getpid(), "127.0.0.1")
        assert row["outcome"] == "closed" and row["congestion"]
    assert (rows[0]["bytes_sent"], rows[0]["bytes_received"]) == (1010, 2020)
    assert (rows[1]["bytes_sent"], rows[1]["bytes_received"]) == (2020, 1010)
    assert (rows[0]["closed_by"], rows[1]["closed_by"]) == ("local", "peer")
    if callbacks_can_be_switched_on(recording):
        assert len(samples) == 2


def test_older_connections_of_other_cgroups_are_left_alone(tmp_path, cgroup):
    client, server, _ = connected_pair()
    with Recording(tmp_path / "a.db", "--cgroup", cgroup) as recording:
        exchange(client, server, b"q", b"r")
        recording.stop()
        assert recording.rows("SELECT * FROM connections") == []
    client.close()
    server.close()


def test_older_connections_of_cgroups_below(tmp_path, cgroup, only_us):
    client, server, port = connected_pair()
    with Recording(tmp_path / "a.db", "--cgroup", os.path.dirname(cgroup)) as recording:
        recording.stop()
        assert recording.value("SELECT count(*) FROM connections WHERE ? IN (local_port, "
                               "peer_port)", port) == 2
    client.close()
    server.close()


def test_direction_is_inferred_from_a_listener(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        server, _ = listener.accept()
        with Recording(tmp_path / "a.db") as recording:
            recording.stop()
            rows = recording.rows("SELECT direction FROM connections WHERE ? IN (local_port, "
                                  "peer_port) ORDER BY local_port = ?", port, port)
        client.close()
        server.close()
    assert [row["direction"] for row in rows] == ["unknown", "passive"]


def test_children_of_an_older_listener(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with Recording(tmp_path / "a.db") as recording:
            with socket.create_connection(("127.0.0.1", port)):
                listener.accept()[0].close()
            recording.stop()
            client, server = recording.both_ends(port)
    assert server["start_kind"] == client["start_kind"] == "seen"
    assert server["pid"] == os.getpid()


def test_accepted_after_the_start_from_a_queue_older_than_that(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), \
                Recording(tmp_path / "a.db") as recording:
            # When the recorder is ready it may not have taken in yet what is older.
            recording.wait_for("SELECT count(*) = 2 FROM connections WHERE ? IN (local_port, peer_port)",
                               port)
            with listener.accept()[0]:
                recording.stop()
            (row,) = recording.rows("SELECT * FROM connection_log WHERE local_port = ?", port)
    assert (row["start_kind"], row["direction"]) == ("preexisting", "passive")
    assert (row["pid"], row["pid_source"]) == (os.getpid(), "accept")


def test_not_accepted_from_an_older_listener(tmp_path):
    """Nobody had the connection open when the recorder started: it is the listener's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with Recording(tmp_path / "a.db") as recording:
            with socket.create_connection(("127.0.0.1", port)):
                recording.stop()
            _, server = recording.both_ends(port)
    assert (server["pid"], server["pid_source"]) == (os.getpid(), "listener")


def test_a_listener_of_a_server_that_started_before(tmp_path):
    port = free_port()
    with running([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "-d", str(tmp_path),
                  str(port)], port) as server:
        with Recording(tmp_path / "a.db") as recording:
            curl(f"http://127.0.0.1:{port}/")
            recording.wait_for("SELECT count(*) = 2 FROM connections WHERE outcome = 'closed' "
                               "AND ? IN (local_port, peer_port)", port)
            recording.stop()
            _, row = recording.both_ends(port)
    assert (row["pid"], row["comm"]) == (server.pid, os.path.basename(sys.executable)[:15])


IN_A_NAMESPACE = """
import socket, subprocess, sys
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
listener = socket.create_server(('127.0.0.1', 777))
client = socket.create_connection(('127.0.0.1', 777))
server, _ = listener.accept()
print('ready', flush=True)
sys.stdin.readline()
client.sendall(b'x' * 100)
server.recv(100)
client.close()
while server.recv(100):
    pass
server.close()
"""


def test_other_network_namespaces(tmp_path):
    elsewhere = subprocess.Popen(["unshare", "--net", sys.executable, "-c", IN_A_NAMESPACE],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert elsewhere.stdout.readline() == "ready\n"
    # Held, so that no namespace of a test beside this one gets the same number.
    with (open(f"/proc/{elsewhere.pid}/ns/net", "rb") as held,
          Recording(tmp_path / "a.db") as recording):
        netns = os.fstat(held.fileno()).st_ino
        elsewhere.communicate("go\n", timeout=30)
        recording.stop()
        rows = recording.rows("SELECT * FROM connection_log WHERE netns = ?", netns)
    assert len(rows) == 2
    assert {row["start_kind"] for row in rows} == {"preexisting"}
    assert {row["outcome"] for row in rows} == {"closed"}
    assert {row["pid"] for row in rows} == {elsewhere.pid}
    assert sorted(row["bytes_sent"] for row in rows) == [0, 100]


TALK_IN_NAMESPACES = """
import ctypes, os, socket, subprocess, sys, time
def talk(ready):
    ctypes.CDLL(None).prctl(1, 9)  # to be killed with the parent
    ctypes.CDLL(None).unshare(0x40000000)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    listener = socket.create_server(("127.0.0.1", 777))
    client = socket.create_connection(("127.0.0.1", 777))
    server, _ = listener.accept()
    listener.close()
    os.write(ready, b"x")
    while True:
        client.sendall(b"q")
        server.recv(1)
        server.sendall(b"r")
        client.recv(1)
        time.sleep(0.1)
wait, ready = os.pipe()
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        talk(ready)
    os.read(wait, 1)
print("ready", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def talking_in_namespaces(count):
    """That many namespaces, with two ends in each that exchange a byte ten times a second."""
    talkers = subprocess.Popen([sys.executable, "-c", TALK_IN_NAMESPACES, str(count)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert talkers.stdout.readline() == b"ready\n"
        yield talkers
    finally:
        talkers.kill()
        talkers.communicate()


def test_more_namespaces_than_descriptors(tmp_path, only_us):
    """They are entered one at a time."""
    with talking_in_namespaces(110), \
            Recording(tmp_path / "a.db", *only_us, command=["prlimit", "--nofile=64"]) as recording:
        if callbacks_can_be_switched_on(recording):
            recording.wait_for("SELECT count(*) = 220 FROM (SELECT DISTINCT connection_id "
                               "FROM rtt_samples)", timeout_s=30)
        recording.stop()
    assert recording.value("SELECT count(*) FROM connections") == 220
    assert recording.value("SELECT sum(lost_netns) FROM batches") == 0


def test_a_namespace_that_cannot_be_entered_is_counted(tmp_path, namespace, only_us):
    """No process is in it. The ends of its older connections are seen, and that it was missed."""
    client, server = namespace.pair()
    with Recording(tmp_path / "a.db", *only_us) as recording:
        recording.wait_for("SELECT sum(lost_netns) = 1 FROM batches")
        client.close()
        assert receive_all(server) == b""
        server.close()
        recording.stop()
    assert "cannot enter 1 network namespaces" in recording.said()
    assert recording.rows("SELECT cause, lost FROM loss_log") == [{"cause": "netns", "lost": 1}]
    assert recording.rows("SELECT outcome, start_kind FROM connections") == [
        {"outcome": "closed", "start_kind": "preexisting"}] * 2


@pytest.mark.slow
def test_checkpoint_of_a_connection_that_only_receives(tmp_path):
    client, server, port = connected_pair()
    with Recording(tmp_path / "a.db") as recording:
        server.sendall(b"x" * 12345)
        client.recv(12345, socket.MSG_WAITALL)
        recording.wait_for("SELECT count(*) FROM connections WHERE bytes_received = 12345 "
                           "AND outcome = 'open' AND peer_port = ?", port, timeout_s=15)
        recording.kill()  # what the checkpoint saw is in the file
        assert recording.value("SELECT bytes_received FROM connections WHERE peer_port = ?",
                               port) == 12345
    client.close()
    server.close()


def test_at_the_end_open_connections_have_their_counters(recording):
    client, server, port = connected_pair()
    exchange(client, server, b"q" * 100, b"r" * 200)
    recording.stop()
    client_row, server_row = recording.both_ends(port)
    assert (client_row["bytes_sent"], client_row["bytes_received"]) == (100, 200)
    assert client_row["outcome"] == server_row["outcome"] == "open"
    client.close()
    server.close()


def close_unseen(recording, *sockets):
    """With rings of 4096 bytes: they are full when these close."""
    with paused(recording):
        for _ in range(60):
            short_connection()
        for victim in sockets:
            victim.close()


@pytest.mark.slow
def test_a_close_that_was_lost_is_found(tmp_path, only_us):
    """The ring is full when it closes: later it is gone, and the row says so."""
    with Recording(tmp_path / "a.db", "--ring-size", "4096", *only_us) as recording:
        victim, victim_server, port = connected_pair()
        exchange(victim, victim_server, b"q" * 100, b"r" * 200)
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE bytes_sent > 0 AND "
                           "? IN (local_port, peer_port)", port, timeout_s=15)
        close_unseen(recording, victim, victim_server)
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE outcome = 'lost' AND "
                           "? IN (local_port, peer_port)", port, timeout_s=40)
        recording.stop()
        client_row, server_row = recording.both_ends(port)
        assert (client_row["bytes_sent"], client_row["bytes_received"]) == (100, 200)
        assert (server_row["bytes_sent"], server_row["bytes_received"]) == (200, 100)
        assert recording.value("SELECT sum(lost_lifecycle_ring) FROM batches") > 0
        assert recording.value("SELECT count(*) FROM connections WHERE outcome = 'open'") == 0


@pytest.mark.slow
def test_a_close_that_was_lost_is_found_by_the_walk_at_the_end(tmp_path, only_us):
    """Of two walks without it, the second is that at the stop."""
    with Recording(tmp_path / "a.db", "--ring-size", "4096", *only_us) as recording:
        started = time.monotonic()
        victim, victim_server, port = connected_pair()
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE ? IN (local_port, "
                           "peer_port)", port)
        close_unseen(recording, victim, victim_server)
        time.sleep(WALK_INTERVAL_S + 1.5 - (time.monotonic() - started))
        recording.stop()
        ends = recording.rows("SELECT outcome FROM connections WHERE ? IN (local_port, "
                              "peer_port)", port)
        assert [row["outcome"] for row in ends] == ["lost", "lost"]


def test_restart_picks_up_what_is_still_open(tmp_path):
    db = tmp_path / "a.db"
    with Recording(db) as killed:
        client, server, port = connected_pair()
        killed.kill_once_recorded(port)
    with Recording(db) as recording:
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE recording_id = 2 "
                           "AND ? IN (local_port, peer_port)", port)
        recording.stop()
        rows = recording.rows("SELECT start_kind, outcome, pid FROM connection_log "
                              "WHERE recording_id = 2 AND ? IN (local_port, peer_port)", port)
    assert rows == [{"start_kind": "preexisting", "outcome": "open", "pid": os.getpid()}] * 2
    client.close()
    server.close()


def test_what_a_killed_recorder_left_switched_on_is_told_once(tmp_path):
    """Callbacks stay on in its sockets, and older kernels have the tracepoint besides."""
    db = tmp_path / "a.db"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with Recording(db) as killed:
            client, server = pair_from(listener)
            killed.kill_once_recorded(port)
        with Recording(db) as recording:
            client.close()
            assert receive_all(server) == b""
            server.close()
            listener.close()
            recording.stop()
    ends = recording.rows("SELECT id FROM connections WHERE recording_id = 2 "
                          "AND ? IN (local_port, peer_port) ORDER BY local_port = ?", port, port)
    assert [states(recording, row) for row in ends] == [["FIN_WAIT1", "FIN_WAIT2", "CLOSE"],
                                                        ["CLOSE_WAIT", "LAST_ACK", "CLOSE"]]
    assert recording.value("SELECT count(*) FROM listeners WHERE recording_id = 2 AND "
                           "local_port = ?", port) == 1


WALK_PART_OF_A_BATCH = 32_768
ONE_READ_OF_A_WALK = 8 * os.sysconf("SC_PAGESIZE") // 312  # what it cannot leave behind
HOLD_PAIRS = """if True:
    import resource, socket, sys
    pairs = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, [resource.getrlimit(resource.RLIMIT_NOFILE)[1]] * 2)
    listener = socket.create_server(("127.0.0.1", 0))
    held = []
    for _ in range(pairs):
        held.append(socket.create_connection(listener.getsockname()))
        held.append(listener.accept()[0])
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def held_pairs(pairs, processes):
    """That many connections over loopback, each with both ends in one of the processes."""
    holders = [subprocess.Popen([sys.executable, "-c", HOLD_PAIRS, str(pairs // processes)],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
               for _ in range(processes)]
    try:
        for holder in holders:
            assert holder.stdout.readline() == b"held\n"
        yield
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()


@pytest.mark.slow
def test_more_older_connections_than_a_batch_holds(tmp_path, namespace, only_us):
    """They are met in parts, so that memory stays within its bound, and each once."""
    pairs = 35_000
    with namespace, held_pairs(pairs, processes=5):
        with Recording(tmp_path / "a.db", "--verbose", *only_us) as recording:
            recording.stop()
    assert recording.rows("SELECT start_kind, count(*) AS n FROM connections GROUP BY 1") == [
        {"start_kind": "preexisting", "n": 2 * pairs}]
    assert recording.rows("SELECT direction, count(*) AS n FROM connections GROUP BY 1") == [
        {"direction": "passive", "n": pairs}, {"direction": "unknown", "n": pairs}]
    assert recording.rows("SELECT kind, count(*) AS n, count(DISTINCT connection_id) AS ends "
                          "FROM event_log GROUP BY 1") == [
        {"kind": "preexisting", "n": 2 * pairs, "ends": 2 * pairs}]
    events = [int(number) for number in re.findall(r"(\d+) events", recording.said())]
    assert sum(events) == 2 * pairs
    assert max(events) <= WALK_PART_OF_A_BATCH + ONE_READ_OF_A_WALK
