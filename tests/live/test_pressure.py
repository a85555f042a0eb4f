# SPDX-License-Identifier: Apache-2.0
"""Attempts to connect that no connection tells are at least counted, in each network namespace."""

import contextlib
import errno
import json
import socket
import subprocess

import pytest

from namespaces import error_of
from recording import QUERY, Recording
from servers import wait_until

NAMES = ("attempt_fails", "resets_sent", "listen_overflows", "listen_drops", "syn_queue_drops",
         "syn_cookies_sent")


@pytest.fixture
def recording(tmp_path, namespace):
    with namespace:
        running = Recording(tmp_path / "a.db")
    with running:
        yield running


def counted(recording, namespace):
    sums = ", ".join(f"sum({name}) AS {name}" for name in NAMES)
    (row,) = recording.rows(f"SELECT {sums} FROM netns_counters WHERE netns = {namespace.inode}")
    return {name: count for name, count in row.items() if count}


def pressure(recording, namespace):
    """The rows of one namespace: tests beside this one have some of their own."""
    out = subprocess.run([QUERY, "-r", recording.db, "pressure", "-n", "0", "-o", "json"],
                         check=True, stdout=subprocess.PIPE).stdout
    return {row["place"]: row for row in json.loads(out) if row["netns"] == namespace.inode}


def test_ports_where_nobody_listens(recording, namespace):
    for port in (81, 82, 83):
        with namespace.socket() as client:
            assert error_of(client.connect, ("127.0.0.1", port)) == "ECONNREFUSED"
    recording.stop()
    assert counted(recording, namespace) == {"attempt_fails": 3, "resets_sent": 3}
    ((place, row),) = pressure(recording, namespace).items()
    assert (place, row["resets_sent"]) == (f"netns {namespace.inode}", 3)


def nstat(namespace):
    """What the kernel has counted there so far, as in the columns."""
    words = {line.split()[0]: int(line.split()[1])
             for line in namespace.run("nstat", "-asz").splitlines() if not line.startswith("#")}
    kernel = ("TcpAttemptFails", "TcpOutRsts", "TcpExtListenOverflows", "TcpExtListenDrops",
              "TcpExtTCPReqQFullDrop", "TcpExtSyncookiesSent")
    return {name: words[word] for name, word in zip(NAMES, kernel) if words[word]}


QUEUES = "accept_queues q JOIN listeners l ON l.id = q.listener_id"


def queue_of(recording, namespace):
    """What is told of the queue of the one listener there."""
    (row,) = recording.rows(f"""
        SELECT count(DISTINCT l.id) AS listeners, sum(drops) AS drops, max(queue_max) AS queue_max,
               max(queue_limit) AS queue_limit, min(from_us >= opened_us) AS after_it_began
        FROM {QUEUES} WHERE {namespace.is_here}""")
    return row


def connect_some(stack, namespace, address, count):
    """Clients that do not wait for the answer to their SYN."""
    clients = [stack.enter_context(namespace.socket()) for _ in range(count)]
    for client in clients:
        client.setblocking(False)
        assert client.connect_ex(address) in (0, errno.EINPROGRESS)
    return clients


def test_more_clients_than_a_queue_holds(tmp_path, namespace):
    """listen(1) and no accept(): the queue takes two, in a namespace that is not the recorder's.
    The file alone tells what the other ten met, as the kernel counts it."""
    address = ("127.0.0.1", 81)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(namespace.server(
            address, "listener.listen(1)\nprint('waiting', flush=True)\ninput()"))
        assert server.stdout.readline() == "waiting\n"
        recording = stack.enter_context(Recording(tmp_path / "a.db"))
        with contextlib.ExitStack() as clients:
            connect_some(clients, namespace, address, 12)
            wait_until(lambda: nstat(namespace)["listen_drops"] > 10)  # some SYNs come again
        expected = nstat(namespace)
        recording.stop()
    assert counted(recording, namespace) == expected
    assert expected["listen_overflows"] == expected["listen_drops"]
    assert queue_of(recording, namespace) == {"listeners": 1, "drops": expected["listen_drops"],
                                       "queue_max": 2, "queue_limit": 1, "after_it_began": 1}
    rows = pressure(recording, namespace)
    listener, all_there = rows["127.0.0.1:81"], rows[f"netns {namespace.inode}"]
    assert listener["pid"] == server.pid
    assert (listener["queue_max"], listener["queue_limit"]) == (2, 1)
    assert listener["drops"] == all_there["drops"] == all_there["listen_overflows"] > 10
    said = subprocess.run([QUERY, "-r", recording.db, "failures"], check=True, text=True,
                          capture_output=True).stderr
    assert f"{listener['drops']} packets at 127.0.0.1:81 (python3: its accept queue was full)" in said


def kernel_has(function):
    with open("/proc/kallsyms", encoding="ascii") as symbols:
        return any(line.split()[2] == function for line in symbols)


@pytest.mark.skipif(not kernel_has("bpf_rdonly_cast"),
                    reason="without slots the walk alone tells how long a queue is")
def test_the_longest_queue_between_two_walks(recording, namespace):
    """It has been accepted when the walk comes, and nothing was dropped."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(namespace.socket())
        listener.bind(("127.0.0.1", 81))
        listener.listen(8)
        connect_some(stack, namespace, listener.getsockname(), 7)
        for _ in range(7):
            stack.enter_context(listener.accept()[0])
        recording.stop()
    rows = recording.rows("SELECT queue_len, queue_max, queue_limit, drops "
                          f"FROM {QUEUES} WHERE {namespace.is_here}")
    assert rows == [{"queue_len": 0, "queue_max": 7, "queue_limit": 8, "drops": 0}]


def test_who_waits_when_the_listener_ends(recording, namespace):
    with namespace.listen(port=81) as listener, namespace.connect(listener.getsockname()):
        pass
    recording.stop()
    (row,) = recording.rows("SELECT queue_len, queue_max, drops, q.until_us - l.closed_us AS late "
                            f"FROM {QUEUES} WHERE {namespace.is_here}")
    assert row == {"queue_len": 1, "queue_max": 1, "drops": 0, "late": 0}


def test_syn_cookies(recording, namespace):
    namespace.sysctl("ipv4/tcp_syncookies", 2)  # always
    client, server = namespace.pair()
    client.close()
    server.close()
    recording.stop()
    assert counted(recording, namespace) == {"syn_cookies_sent": 1}


def test_too_many_half_open(recording, namespace):
    """Their SYN-ACKs are lost, and the next SYNs find no room."""
    namespace.sysctl("ipv4/tcp_syncookies", 0)
    namespace.nft("tcp flags & (syn | ack) == (syn | ack) drop", hook="output")
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(namespace.socket())
        listener.bind(("127.0.0.1", 81))
        listener.listen(1)
        connect_some(stack, namespace, listener.getsockname(), 5)
    expected = nstat(namespace)
    recording.stop()
    assert counted(recording, namespace) == expected
    assert expected["syn_queue_drops"] == expected["listen_drops"] == 3
    assert queue_of(recording, namespace)["drops"] == 3


def test_a_recorder_that_is_killed_tells_no_drop_twice(tmp_path, namespace, only_us):
    address = ("127.0.0.1", 81)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(namespace.server(
            address, "listener.listen(0)\nprint('waiting', flush=True)\ninput()"))
        assert server.stdout.readline() == "waiting\n"

        def drop_some():
            with contextlib.ExitStack() as clients:
                connect_some(clients, namespace, address, 4)
            return nstat(namespace)["listen_drops"]
        with Recording(tmp_path / "a.db", *only_us) as recording:
            first = drop_some()
            wait_until(lambda: queue_of(recording, namespace)["drops"] == first)
            recording.kill()
        missed = drop_some()
        with Recording(tmp_path / "a.db", *only_us) as recording:
            last = drop_some()
            recording.stop()
    assert 0 < first < missed < last
    assert queue_of(recording, namespace)["drops"] == first + last - missed


def test_nothing_was_turned_away(recording, namespace):
    client, server = namespace.pair()
    client.close()
    assert server.recv(1) == b""
    server.close()
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        port = elsewhere.getsockname()[1]
    assert error_of(socket.create_connection, ("127.0.0.1", port)) == "ECONNREFUSED"
    recording.stop()
    assert counted(recording, namespace) == {}
