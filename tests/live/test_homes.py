# SPDX-License-Identifier: Apache-2.0
"""Where the kernel program keeps what it knows of a socket, a slot of its own or the socket's
storage, is nothing to be seen in the file."""

import contextlib
import os
import resource

import pytest

from namespaces import all_ends_in, namespaces

# More sockets, with both ends, than there are slots (recorder/probe.cpp).
CONNECTIONS = 9000


ADDRESS = "127.0.0.1", 81


def owners(recording, *here):
    """Of the accepted connections, in the order opened: whose, and how that is known."""
    _, passive = all_ends_in(recording, *here)
    return [(row["pid"], row["pid_source"]) for row in passive]


# Nobody accepts, so that only who listens can be the owner.


def test_a_port_has_a_listener_in_each_namespace(recording):
    with namespaces(3) as places, contextlib.ExitStack() as stack:
        servers = [stack.enter_context(place.server(ADDRESS)) for place in places]
        for place in places:
            stack.enter_context(place.connect(ADDRESS))
        recording.stop()
        for place, server in zip(places, servers):
            assert owners(recording, place) == [(server.pid, "listener")]


def test_a_port_has_listeners_at_several_addresses(recording, namespace):
    addresses = [("127.0.0.1", 81), ("127.0.0.2", 81), ("127.0.0.3", 81)]
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(namespace.server(address)) for address in addresses]
        for address in addresses:
            stack.enter_context(namespace.connect(address))
        recording.stop()
    _, passive = all_ends_in(recording, namespace)
    assert [(row["local_address"], row["local_port"]) for row in passive] == addresses
    assert owners(recording, namespace) == [(server.pid, "listener") for server in servers]


def test_a_port_changes_its_listener(recording, namespace):
    pids = []
    for _ in range(3):
        with namespace.server(ADDRESS) as server, namespace.connect(ADDRESS):
            pids.append(server.pid)
    recording.stop()
    assert [pid for pid, _ in owners(recording, namespace)] == pids


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
        client = stack.enter_context(namespace.connect(listener.getsockname()))
        client.sendall(b"x" * 10)
        stack.enter_context(listener.accept()[0])


def outcomes(recording, namespace):
    """(direction, outcome, generation, bytes, pid): how many such rows."""
    rows = recording.rows(
        "SELECT direction, outcome, generation, bytes_sent + bytes_received AS bytes, pid, "
        "count(*) AS n "
        f"FROM connection_log WHERE {namespace.is_here} GROUP BY 1, 2, 3, 4, 5 ORDER BY 1")
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
