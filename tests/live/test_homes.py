# SPDX-License-Identifier: Apache-2.0
"""Where the kernel program keeps what it knows of a socket, a slot of its own or the socket's
storage, is nothing to be seen in the file."""

import contextlib
import os
import resource
import socket
import subprocess
import sys

import pytest

from namespaces import namespaces

# More sockets, with both ends, than there are slots (recorder/probe.cpp).
CONNECTIONS = 9000


@contextlib.contextmanager
def server_at(namespace, address):
    """A process that listens there and accepts nothing, so that only it can be the owner."""
    code = (f"import socket\nlistener = socket.create_server({address!r})\n"
            "print('listening', flush=True)\ninput()")
    with namespace:
        server = subprocess.Popen([sys.executable, "-c", code], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert server.stdout.readline() == "listening\n"
        yield server
    finally:
        server.kill()
        server.communicate()


def connect(namespace, address):
    with namespace:
        return socket.create_connection(address)


def owner_of(recording, client, address):
    """The passive end of the client's connection: whose, and how that is known."""
    (row,) = recording.rows(
        "SELECT pid, pid_source FROM connection_log WHERE direction = 'passive' "
        "AND local_address = ? AND local_port = ? AND peer_port = ?", *address,
        client.getsockname()[1])
    return tuple(row.values())


def test_a_port_has_a_listener_in_each_namespace(recording):
    address = "127.0.0.1", 81
    with namespaces(3) as places, contextlib.ExitStack() as stack:
        servers = [stack.enter_context(server_at(place, address)) for place in places]
        clients = [stack.enter_context(connect(place, address)) for place in places]
        recording.stop()
        for place, server, client in zip(places, servers, clients):
            (row,) = recording.rows(
                "SELECT pid, pid_source FROM connection_log WHERE direction = 'passive' "
                "AND netns = ?", place.inode)
            assert tuple(row.values()) == (server.pid, "listener"), client


def test_a_port_has_listeners_at_several_addresses(recording, namespace):
    addresses = [("127.0.0.1", 81), ("127.0.0.2", 81), ("127.0.0.3", 81)]
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(server_at(namespace, address)) for address in addresses]
        clients = [stack.enter_context(connect(namespace, address)) for address in addresses]
        recording.stop()
        for address, server, client in zip(addresses, servers, clients):
            assert owner_of(recording, client, address) == (server.pid, "listener")


def test_a_port_changes_its_listener(recording, namespace):
    address = "127.0.0.1", 81
    pids = []
    for _ in range(3):
        with server_at(namespace, address) as server, connect(namespace, address):
            pids.append(server.pid)
    recording.stop()
    rows = recording.rows("SELECT pid FROM connection_log WHERE netns = ? AND "
                          "direction = 'passive' ORDER BY opened_us", namespace.inode)
    assert [row["pid"] for row in rows] == pids


@contextlib.contextmanager
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * CONNECTIONS + 100
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"needs {needed} open files, the limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def open_many(namespace, stack):
    listener = stack.enter_context(namespace.listen())
    for _ in range(CONNECTIONS):
        client = stack.enter_context(namespace.socket())
        client.connect(listener.getsockname())
        client.sendall(b"x" * 10)
        stack.enter_context(listener.accept()[0])


def outcomes(recording, namespace):
    """(direction, outcome, generation, bytes, pid): how many such rows."""
    rows = recording.rows(
        "SELECT direction, outcome, generation, bytes_sent + bytes_received AS bytes, pid, "
        "count(*) AS n FROM connection_log WHERE netns = ? GROUP BY 1, 2, 3, 4, 5 ORDER BY 1",
        namespace.inode)
    return {tuple(row.values())[:-1]: row["n"] for row in rows}


def expected(outcome):
    return {(direction, outcome, 1, 10, os.getpid()): CONNECTIONS
            for direction in ("active", "passive")}


def test_more_sockets_than_slots_met_by_a_walk(recording, namespace):
    with many_files(), contextlib.ExitStack() as stack:
        open_many(namespace, stack)
        recording.stop()
        assert outcomes(recording, namespace) == expected("open")


def test_more_sockets_than_slots_seen_to_their_end(recording, namespace):
    with many_files():
        with contextlib.ExitStack() as stack:
            open_many(namespace, stack)
        recording.stop()
    # closed the other way round than opened: the server's unread data makes it a reset
    assert outcomes(recording, namespace) == expected("reset")
