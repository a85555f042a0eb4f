# SPDX-License-Identifier: Apache-2.0
"""Listening sockets: whose, where, since when and until when."""

import json
import os
import socket
import subprocess
import sys

import pytest
from recording import QUERY, Recording
from servers import free_port, nginx, running


def listeners(recording, port):
    return recording.rows("SELECT * FROM listener_log WHERE local_port = ? ORDER BY id", port)


@pytest.mark.parametrize("host, family", [("127.0.0.1", 4), ("0.0.0.0", 4), ("::", 6)])
def test_from_listen_to_close(recording, host, family):
    with socket.create_server((host, 0), family=socket.AF_INET6 if family == 6 else
                              socket.AF_INET) as listener:
        port = listener.getsockname()[1]
        recording.wait_for("SELECT count(*) FROM listeners WHERE local_port = ? "
                           "AND closed_us IS NULL", port)
    recording.stop()
    (row,) = listeners(recording, port)
    assert (row["family"], row["local_address"]) == (family, host)
    assert (row["pid"], row["pid_source"], row["uid"]) == (os.getpid(), "listener", os.getuid())
    assert row["start_kind"] == "seen" and row["opened_us"] < row["closed_us"]
    assert row["netns"] == os.stat("/proc/self/ns/net").st_ino
    assert row["cmdline"] and row["cgroup_path"]


def test_older_than_the_recorder(tmp_path):
    port = free_port()
    with nginx(tmp_path, f"127.0.0.1:{port}", port) as master:
        with Recording(tmp_path / "a.db") as recording:
            recording.stop()
        (row,) = listeners(recording, port)
    assert (row["start_kind"], row["pid_source"]) == ("preexisting", "scan")
    assert (row["pid"], row["comm"], row["closed_us"]) == (master.pid, "nginx", None)


def test_older_than_the_recorder_and_closed_while_it_runs(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        recording = Recording(tmp_path / "a.db")
    with recording:
        recording.stop()
        (row,) = listeners(recording, port)
    assert row["start_kind"] == "preexisting" and row["closed_us"] >= row["opened_us"]


def test_in_another_network_namespace(tmp_path):
    code = ("import socket, sys; listener = socket.create_server(('', 777)); "
            "print('ready', flush=True); sys.stdin.readline()")
    with subprocess.Popen(["unshare", "--net", sys.executable, "-c", code], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as elsewhere:
        assert elsewhere.stdout.readline() == "ready\n"
        netns = os.stat(f"/proc/{elsewhere.pid}/ns/net").st_ino
        with Recording(tmp_path / "a.db") as recording:
            recording.stop()
        elsewhere.communicate("go\n")
    (row,) = recording.rows("SELECT * FROM listener_log WHERE netns = ?", netns)
    assert (row["pid"], row["local_port"]) == (elsewhere.pid, 777)


def test_a_socket_that_listens_twice_is_two_rows(recording):
    port = free_port()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        for _ in range(2):
            listener.listen()
            listener.listen(7)  # another backlog, nothing new
            listener.shutdown(socket.SHUT_RD)
    recording.stop()
    rows = listeners(recording, port)
    assert len(rows) == 2 and len({row["cookie"] for row in rows}) == 1
    assert rows[0]["closed_us"] <= rows[1]["opened_us"] <= rows[1]["closed_us"]


def test_a_killed_server_listens_no_more(recording):
    port = free_port()
    with running([sys.executable, "-m", "http.server", str(port)], port) as server:
        server.kill()
        server.wait()
    recording.stop()
    (row,) = listeners(recording, port)
    assert row["pid"] == server.pid and row["closed_us"]


def test_only_the_given_cgroup(tmp_path, cgroup):
    outside = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(outside.getsockname())
    with Recording(tmp_path / "a.db", "--cgroup", cgroup) as recording:
        recording.stop()
    client.close()
    outside.close()
    assert recording.value("SELECT count(*) FROM listeners") == 0
    assert recording.value("SELECT count(*) FROM connections") == 0


def test_report_counts_what_each_listener_accepted(tmp_path):
    """Of a pair of listeners as nginx makes them, one for each family, and nothing older."""
    with socket.create_server(("0.0.0.0", 0)) as ipv4:
        port = ipv4.getsockname()[1]
        with socket.create_server(("::", port), family=socket.AF_INET6) as ipv6, \
                socket.create_connection(("127.0.0.1", port)), \
                Recording(tmp_path / "a.db") as recording:
            for listener, host in [(ipv4, "127.0.0.1"), (ipv6, "::1"), (ipv6, "::1")]:
                with socket.create_connection((host, port)):
                    listener.accept()[0].close()
            recording.stop()
    done = subprocess.run([QUERY, "-r", recording.db, "-n", "0", "-o", "json", "listeners"],
                          capture_output=True, text=True, timeout=60, check=True)
    accepted = {row["local"]: row["accepted"] for row in json.loads(done.stdout)}
    assert (accepted[f"0.0.0.0:{port}"], accepted[f"[::]:{port}"]) == (1, 2)
