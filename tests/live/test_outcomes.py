# SPDX-License-Identifier: Apache-2.0
"""How established connections end otherwise than by a FIN from each end in turn."""

import socket
import struct

import pytest

from namespaces import (ADDRESSES, MACS, all_ends_in, disconnect, ending, ends_in, error_of,
                        states)
from servers import bytes_waiting, receive_all, wait_until

# ---------------------------------------------------------------- the peer is silent


def drop_what_goes_to(namespace, server):
    namespace.nft(f"tcp dport {server.getsockname()[1]} drop")


def test_user_timeout_with_data_under_way(recording, namespace):
    client, server = namespace.pair()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 500)
    drop_what_goes_to(namespace, server)
    client.sendall(b"x" * 10)
    assert error_of(client.recv, 1) == "ETIMEDOUT"
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == ("timeout", "ETIMEDOUT", "unknown")
    assert (client_row["bytes_sent"], server_row["bytes_received"]) == (10, 0)
    assert client_row["retrans_segs"] >= 1 and client_row["rtos"] >= 1
    assert server_row["outcome"] == "open"
    client.close()
    server.close()


ERRORS_UNDER_WAY = {"port": ("127.0.0.1", "icmp type port-unreachable", "ECONNREFUSED"),
                    "host": ("127.0.0.1", "icmp type host-unreachable", "EHOSTUNREACH"),
                    "admin6": ("::1", "icmpv6 type admin-prohibited", "EACCES")}


@pytest.mark.parametrize("kind", ERRORS_UNDER_WAY)
def test_icmp_error_with_data_under_way(recording, namespace, kind):
    """It does not end the connection, but is why the timeout that does is no plain timeout."""
    host, answer, error = ERRORS_UNDER_WAY[kind]
    client, server = namespace.pair(host)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 500)
    namespace.nft(f"tcp dport {server.getsockname()[1]} reject with {answer}")
    client.sendall(b"x" * 10)
    assert error_of(client.recv, 1) == error
    recording.stop()
    client_row, _ = ends_in(recording, namespace)
    assert ending(client_row) == ("unreachable", error, "unknown")
    client.close()
    server.close()


def test_keepalive_without_answer(recording, namespace):
    client, server = namespace.pair()
    drop_what_goes_to(namespace, server)
    for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT):
        client.setsockopt(socket.IPPROTO_TCP, option, 1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    assert error_of(client.recv, 1) == "ETIMEDOUT"
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == ("timeout", "ETIMEDOUT", "unknown")
    assert client_row["bytes_sent"] == client_row["retrans_segs"] == 0
    assert server_row["outcome"] == "open"
    client.close()
    server.close()


def test_orphan_whose_peer_vanished(recording, namespace):
    """Nobody is left to be told: only the recorder knows that the data did not arrive."""
    namespace.sysctl("ipv4/tcp_orphan_retries", 1)
    client, server = namespace.pair()
    drop_what_goes_to(namespace, server)
    client.sendall(b"x" * 10)
    client.close()
    recording.wait_for(
        f"SELECT count(*) FROM connections WHERE {namespace.is_here} AND outcome <> 'open'")
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == ("timeout", "ETIMEDOUT", "unknown")
    assert states(recording, client_row)[-2:] == ["FIN_WAIT1", "CLOSE"]
    assert (client_row["bytes_sent"], server_row["bytes_received"]) == (10, 0)
    server.close()


# ---------------------------------------------------------------- cut off

RESET_BY_US = ("reset", None, "local")
RESET_BY_PEER = ("reset", "ECONNRESET", "peer")


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def test_killed_by_ss(recording, namespace):
    client, server = namespace.pair()
    namespace.run("ss", "-K", f"dport = {server.getsockname()[1]}")
    assert error_of(client.recv, 1) == "ECONNABORTED"
    assert error_of(server.recv, 1) == "ECONNRESET"
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == ("reset", "ECONNABORTED", "local")
    assert ending(server_row) == RESET_BY_PEER
    client.close()
    server.close()


def test_reset_in_close_wait(recording, namespace):
    client, server = namespace.pair()
    client.shutdown(socket.SHUT_WR)
    assert server.recv(1) == b""
    reset(client)
    assert error_of(server.send, b"x") == "EPIPE"
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == RESET_BY_US
    assert ending(server_row) == ("reset", "EPIPE", "peer")
    assert states(recording, server_row)[-2:] == ["CLOSE_WAIT", "CLOSE"]


def test_closed_with_unread_data(recording, namespace):
    client, server = namespace.pair()
    client.sendall(b"x" * 10)
    wait_until(lambda: bytes_waiting(server) == 10)
    server.close()
    assert error_of(client.recv, 1) == "ECONNRESET"
    client.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == RESET_BY_PEER
    assert ending(server_row) == RESET_BY_US
    assert client_row["bytes_sent"] == server_row["bytes_received"] == 10


def test_disconnected_and_connected_again(recording, namespace):
    with namespace.listen() as listener, namespace.socket() as client:
        client.connect(listener.getsockname())
        first, _ = listener.accept()
        client.sendall(b"x" * 10)
        disconnect(client)
        client.connect(listener.getsockname())
        second, _ = listener.accept()
        client.sendall(b"y" * 20)
        client.shutdown(socket.SHUT_WR)
        assert len(receive_all(second)) == 20
        first.close()
        second.close()
    recording.stop()
    active, passive = all_ends_in(recording, namespace)
    assert [row["generation"] for row in active] == [1, 2]
    assert active[0]["cookie"] == active[1]["cookie"]
    assert [ending(row) for row in active] == [RESET_BY_US, ("closed", None, "local")]
    assert [ending(row) for row in passive] == [RESET_BY_PEER, ("closed", None, "peer")]
    assert [row["bytes_sent"] for row in active] == [10, 20]
    assert [row["bytes_received"] for row in passive] == [10, 20]


# ---------------------------------------------------------------- servers that go


SERVER = "127.0.0.1", 81


def test_listener_closed_before_accept(recording, namespace):
    code = "input(); listener.close(); print('closed', flush=True); input()"
    with namespace.server(SERVER, code) as server:
        clients = [namespace.connect(SERVER) for _ in range(3)]
        clients[0].sendall(b"x" * 10)
        server.stdin.write("close\n")
        server.stdin.flush()
        assert server.stdout.readline() == "closed\n"
        for client in clients:
            assert error_of(client.recv, 1) == "ECONNRESET"
            client.close()
    recording.stop()
    active, passive = all_ends_in(recording, namespace)
    assert [ending(row) for row in active] == [RESET_BY_PEER] * 3
    assert [ending(row) for row in passive] == [RESET_BY_US] * 3
    assert [row["bytes_received"] for row in passive] == [10, 0, 0]
    assert {row["pid"] for row in passive} == {server.pid}


def test_killed_server(recording, namespace):
    """The kernel closes its connections like a close() would: with a reset where data is unread."""
    code = "kept = [listener.accept() for _ in range(2)]; print('accepted', flush=True); input()"
    with namespace.server(SERVER, code) as server:
        idle, unread = namespace.connect(SERVER), namespace.connect(SERVER)
        unread.sendall(b"x" * 10)
        assert server.stdout.readline() == "accepted\n"
        server.kill()
        server.wait()
        assert idle.recv(1) == b""
        assert error_of(unread.recv, 1) == "ECONNRESET"
        idle.close()
        unread.close()
    # An acknowledgement has been late once, and what is in LAST_ACK is still open.
    recording.wait_for(
        f"SELECT count(*) = 4 FROM connections WHERE {namespace.is_here} AND outcome <> 'open'")
    recording.stop()
    active, passive = all_ends_in(recording, namespace)
    assert [ending(row) for row in active] == [("closed", None, "peer"), RESET_BY_PEER]
    assert [ending(row) for row in passive] == [("closed", None, "local"), RESET_BY_US]
    assert {(row["pid"], row["pid_source"]) for row in passive} == {(server.pid, "accept")}


# ---------------------------------------------------------------- both at once


def hold_back(namespace, link):
    """What it sends over the link waits for the address of its neighbour, who is not heard."""
    namespace.nft("drop", family="arp")
    namespace.run("ip", "neigh", "flush", "dev", link)


def let_go(namespace, link, neighbour, address):
    namespace.run("ip", "neigh", "replace", neighbour, "lladdr", address, "dev", link)


def test_fins_that_cross(recording, near_and_far):
    """Each is on its way before the other has arrived."""
    near, far = near_and_far
    with far.listen(ADDRESSES["far"][0]) as listener:
        client = near.socket()
        client.connect(listener.getsockname())
        server, _ = listener.accept()
    hold_back(near, "near")
    hold_back(far, "far")
    client.shutdown(socket.SHUT_WR)
    server.shutdown(socket.SHUT_WR)
    let_go(near, "near", ADDRESSES["far"][0], MACS["far"])
    let_go(far, "far", ADDRESSES["near"][0], MACS["near"])
    assert client.recv(1) == server.recv(1) == b""
    client.close()
    server.close()
    recording.stop()
    rows = ends_in(recording, near, far)
    assert [ending(row) for row in rows] == [("closed", None, "both")] * 2
    for row in rows:
        assert states(recording, row)[-3:] == ["FIN_WAIT1", "CLOSING", "CLOSE"]
