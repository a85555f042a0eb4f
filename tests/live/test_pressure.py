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


def pressure(recording, *arguments):
    out = subprocess.run([QUERY, "-r", recording.db, "pressure", *arguments, "-o", "json"],
                         check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out)


def test_ports_where_nobody_listens(recording, namespace):
    for port in (81, 82, 83):
        with namespace.socket() as client:
            assert error_of(client.connect, ("127.0.0.1", port)) == "ECONNREFUSED"
    recording.stop()
    assert counted(recording, namespace) == {"attempt_fails": 3, "resets_sent": 3}
    (row,) = [row for row in pressure(recording) if row["netns"] == namespace.inode]
    assert (row["place"], row["resets_sent"]) == (f"netns {namespace.inode}", 3)


def test_a_full_accept_queue(recording, namespace):
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(namespace.socket())
        listener.bind(("127.0.0.1", 81))
        listener.listen(0)
        stack.enter_context(namespace.connect(listener.getsockname()))
        late = stack.enter_context(namespace.socket())
        late.setblocking(False)
        assert late.connect_ex(listener.getsockname()) == errno.EINPROGRESS
        late.close()
        stack.enter_context(listener.accept()[0])
        recording.stop()
    told = counted(recording, namespace)
    assert told.keys() == {"listen_overflows", "listen_drops"}
    assert told["listen_overflows"] == told["listen_drops"] >= 1


def test_syn_cookies(recording, namespace):
    namespace.sysctl("ipv4/tcp_syncookies", 2)  # always
    client, server = namespace.pair()
    client.close()
    server.close()
    recording.stop()
    assert counted(recording, namespace) == {"syn_cookies_sent": 1}


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
