# SPDX-License-Identifier: Apache-2.0
"""TCP Fast Open, Multipath TCP, and sockets whose callbacks somebody switched off."""

import contextlib
import os
import socket

import pytest

from namespaces import ADDRESSES, all_ends_in, ending, ends_in, event_kinds, states
from other_programs import another_program, clear_callback_flags
from servers import exchange, receive_all, wait_until

# ---------------------------------------------------------------- TCP Fast Open

MSG_FASTOPEN = 0x20000000
TCP_SYN_RECV = b"\3"
SYN_DATA = b"s" * 20
ANSWER = b"a" * 30


def fast_open(namespace, listener, data):
    """(client, server) of a connection that begins with this data."""
    client = namespace.socket()
    client.sendto(data, MSG_FASTOPEN, listener.getsockname())
    return client, listener.accept()[0]


@pytest.fixture
def fast_listener(namespace):
    """Whose clients have the cookie that they need for data in their SYN."""
    namespace.sysctl("ipv4/tcp_fastopen", 3)
    with namespace.listen() as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
        client, server = fast_open(namespace, listener, b"cookie, please")
        client.close()
        assert receive_all(server) == b"cookie, please"
        server.close()
        yield listener


def syns_accepted_with_data(namespace):
    with namespace, open("/proc/thread-self/net/netstat", encoding="ascii") as counters:
        names, values = (line.split() for line in counters if line.startswith("TcpExt:"))
    return int(values[names.index("TCPFastOpenPassive")])


def newest_ends(recording, namespace):
    """After those of the connection that fetched the cookie."""
    active, passive = all_ends_in(recording, namespace)
    assert len(active) == len(passive) == 2
    return active[1], passive[1]


@pytest.mark.parametrize("accepted", [1, 0], ids=["accepted", "sent-again"])
def test_data_in_the_syn(recording, namespace, fast_listener, accepted):
    if not accepted:
        namespace.sysctl("ipv4/tcp_fastopen", 1)  # for clients only
    client, server = fast_open(namespace, fast_listener, SYN_DATA)
    assert server.recv(100) == SYN_DATA
    server.sendall(ANSWER)
    assert client.recv(100) == ANSWER
    client.close()
    assert server.recv(1) == b""
    server.close()
    assert syns_accepted_with_data(namespace) == accepted
    recording.stop()
    client_row, server_row = newest_ends(recording, namespace)
    assert ending(client_row) == ("closed", None, "local")
    assert ending(server_row) == ("closed", None, "peer")
    assert client_row["bytes_sent"] == server_row["bytes_received"] == len(SYN_DATA)
    assert client_row["bytes_received"] == server_row["bytes_sent"] == len(ANSWER)
    assert client_row["retrans_segs"] == 1 - accepted
    assert client_row["connect_us"] > 0 and server_row["connect_us"] is None


def in_syn_recv(namespace, listener):
    """(client, server): what would end the handshake is held up. The retransmitted SYN-ACK or
    FIN makes the client say it again."""
    namespace.nft(f"tcp dport {listener.getsockname()[1]} tcp flags & (syn | ack) == ack drop")
    client, server = fast_open(namespace, listener, SYN_DATA)
    assert server.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == TCP_SYN_RECV
    return client, server


def test_closed_before_the_handshake_is_done(recording, namespace, fast_listener):
    client, server = in_syn_recv(namespace, fast_listener)
    assert server.recv(100) == SYN_DATA
    server.sendall(ANSWER)
    server.close()
    assert receive_all(client) == ANSWER
    namespace.let_through()
    client.close()
    recording.wait_for(f"SELECT count(*) = 4 FROM connections WHERE {namespace.is_here} "
                       "AND outcome = 'closed'")
    recording.stop()
    client_row, server_row = newest_ends(recording, namespace)
    assert ending(client_row) == ("closed", None, "peer")
    assert ending(server_row) == ("closed", None, "local")
    assert states(recording, server_row)[:2] == ["ESTABLISHED", "FIN_WAIT1"]
    assert (server_row["bytes_sent"], server_row["bytes_received"]) == (len(ANSWER), len(SYN_DATA))
    assert (server_row["pid"], server_row["pid_source"]) == (os.getpid(), "accept")


def test_reset_before_the_handshake_is_done(recording, namespace, fast_listener):
    client, server = in_syn_recv(namespace, fast_listener)
    server.close()  # with unread data
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    client.close()
    recording.stop()
    client_row, server_row = newest_ends(recording, namespace)
    assert ending(client_row) == ("reset", "ECONNRESET", "peer")
    assert ending(server_row) == ("reset", None, "local")
    assert client_row["bytes_sent"] == server_row["bytes_received"] == len(SYN_DATA)
    assert (server_row["pid"], server_row["pid_source"]) == (os.getpid(), "accept")


# ---------------------------------------------------------------- Multipath TCP

IPPROTO_MPTCP = 262
SECOND_ADDRESS = "10.8.0.1"
OTHER_END = {"local": "peer", "peer": "local", "both": "both"}


@pytest.fixture
def multipath(near_and_far):
    """Where the near end has a second address."""
    near, far = near_and_far
    try:
        near.socket(protocol=IPPROTO_MPTCP).close()
    except OSError as error:
        pytest.skip(f"the kernel has no MPTCP: {error.strerror}")
    near.run("ip", "addr", "add", f"{SECOND_ADDRESS}/24", "dev", "near")
    far.run("ip", "route", "add", SECOND_ADDRESS, "dev", "far")
    return near, far


@contextlib.contextmanager
def multipath_pair(near, far):
    """(client, server); more subflows need the listener to stay."""
    with far.socket(protocol=IPPROTO_MPTCP) as listener:
        listener.bind((ADDRESSES["far"][0], 0))
        listener.listen()
        client = near.socket(protocol=IPPROTO_MPTCP)
        client.connect(listener.getsockname())
        server, _ = listener.accept()
        yield client, server
        client.close()
        assert server.recv(1) == b""
        server.close()


def subflows(namespace):
    return namespace.run("ss", "-Htn", "state", "established").count("\n")


def all_closed(recording, count, *here):
    """The kernel closes subflows when it likes."""
    any_here = " OR ".join(namespace.is_here for namespace in here)
    recording.wait_for(f"SELECT count(*) = {count} FROM connections WHERE ({any_here}) AND "
                       "outcome = 'closed'")
    recording.stop()
    active, passive = all_ends_in(recording, *here)
    assert len(active) == len(passive) == count // 2
    for client_row, server_row in zip(active, passive):
        assert OTHER_END[client_row["closed_by"]] == server_row["closed_by"]
    return active, passive


def test_multipath_connection(recording, multipath):
    near, far = multipath
    with multipath_pair(near, far) as (client, server):
        exchange(client, server, b"q" * 1000, b"r" * 2000)
    (client_row,), (server_row,) = all_closed(recording, 2, near, far)
    assert (client_row["netns"], server_row["netns"]) == (near.inode, far.inode)
    assert (client_row["bytes_sent"], client_row["bytes_received"]) == (1000, 2000)
    assert (server_row["bytes_sent"], server_row["bytes_received"]) == (2000, 1000)
    assert client_row["pid"] == server_row["pid"] == os.getpid()
    assert (client_row["pid_source"], server_row["pid_source"]) == ("connect", "listener")
    assert client_row["ulp"] == server_row["ulp"] == "mptcp"


def second_owner():
    """Before Linux 6.2 there are no slots, in which the first subflow could be found."""
    release = tuple(int(number) for number in os.uname().release.split(".")[:2])
    return (os.getpid(), "connect") if release >= (6, 2) else (None, "unknown")


def test_second_subflow(recording, multipath):
    """The kernel opens it, in a thread of its own."""
    near, far = multipath
    near.run("ip", "mptcp", "endpoint", "add", SECOND_ADDRESS, "dev", "near", "subflow")
    with multipath_pair(near, far) as (client, server):
        exchange(client, server, b"q" * 1000, b"r" * 2000)
        wait_until(lambda: subflows(near) == subflows(far) == 2)
    active, passive = all_closed(recording, 4, near, far)
    assert [row["local_address"] for row in active] == [ADDRESSES["near"][0], SECOND_ADDRESS]
    assert [row["peer_address"] for row in passive] == [ADDRESSES["near"][0], SECOND_ADDRESS]
    assert {row["netns"] for row in active} == {near.inode}
    assert {row["netns"] for row in passive} == {far.inode}
    assert [(row["pid"], row["pid_source"]) for row in active] == [
        (os.getpid(), "connect"), second_owner()]
    assert [(row["pid"], row["pid_source"]) for row in passive] == [(os.getpid(), "listener")] * 2
    assert sum(row["bytes_sent"] for row in active) == 1000
    assert sum(row["bytes_sent"] for row in passive) == 2000


# ---------------------------------------------------------------- kTLS

TCP_ULP = 31


def test_kernel_tls_is_marked(recording, namespace):
    """Its bytes are those of TLS records. Not every kernel has it."""
    client, server = namespace.pair()
    try:
        client.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
        expected = "tls"
    except FileNotFoundError:
        expected = None
    client.close()
    assert server.recv(1) == b""
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert (client_row["ulp"], server_row["ulp"]) == (expected, None)


# ---------------------------------------------------------------- callbacks switched off

@pytest.mark.alone
def test_another_program_switches_our_callbacks_off(recording, tmp_path, root_cgroup, namespace):
    """After each of our calls: the walks still bring the counters, and see that it has gone.
    Alone, because a recorder beside this one would switch them on again."""
    with another_program(tmp_path, root_cgroup, "multi", does=clear_callback_flags(namespace)):
        client, server = namespace.pair()
        exchange(client, server, b"q" * 100, b"r" * 200)
        recording.wait_for(f"SELECT count(*) = 2 FROM connections WHERE {namespace.is_here} "
                           "AND bytes_sent > 0", timeout_s=15)
        client.close()
        server.close()
        recording.wait_for(f"SELECT count(*) = 2 FROM connections WHERE {namespace.is_here} "
                           "AND outcome = 'lost'", timeout_s=40)
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert (client_row["bytes_sent"], client_row["bytes_received"]) == (100, 200)
    assert (server_row["bytes_sent"], server_row["bytes_received"]) == (200, 100)
    for row in (client_row, server_row):
        assert ending(row) == ("lost", None, "unknown")
        assert "close" not in event_kinds(recording, row)
