# SPDX-License-Identifier: Apache-2.0
"""Ends that state and error alone would tell wrongly: which end has sent a reset, or that nobody
has."""

import select
import socket

import pytest

from namespaces import ADDRESSES, MACS, ending, ends_in, error_of, event_kinds
from servers import bytes_waiting, wait_until

RESET_BY_US = ("reset", None, "local")
RESET_BY_PEER = ("reset", "ECONNRESET", "peer")
TCP_REPAIR = 19
IP_RECVERR = 11


def wait_ended(recording, namespace, rows=2):
    recording.wait_for(f"SELECT count(*) = {rows} FROM connections "
                       f"WHERE {namespace.is_here} AND outcome <> 'open'")


# ---------------------------------------------------------------- data for a closed socket


def test_data_under_way_meets_a_closed_socket(recording, near_and_far):
    """It was sent before the FIN had arrived: the closed end answers it with a reset."""
    near, far = near_and_far
    with far.listen(ADDRESSES["far"][0]) as listener:
        client = near.socket()
        client.connect(listener.getsockname())
        server, _ = listener.accept()
    far.nft("drop", family="arp")
    far.run("ip", "neigh", "flush", "dev", "far")
    server.sendall(b"x" * 10)
    client.close()
    far.run("ip", "neigh", "replace", ADDRESSES["near"][0], "lladdr", MACS["near"], "dev", "far")
    wait_until(lambda: select.select([server], [], [], 0)[0])
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, near, far)
    assert ending(client_row) == RESET_BY_US
    assert ending(server_row)[::2] == ("reset", "peer")
    assert event_kinds(recording, client_row)[-2:] == ["close", "reset"]
    assert client_row["bytes_received"] == 0


def test_data_with_the_acknowledgement_of_the_fin(recording, namespace):
    client, server = namespace.pair()
    namespace.nft(f"tcp sport {server.getsockname()[1]} ip length 52 drop")  # of the FIN alone
    client.close()
    wait_until(lambda: select.select([server], [], [], 0)[0])
    server.sendall(b"x" * 10)
    wait_ended(recording, namespace)
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == RESET_BY_US
    assert ending(server_row) == ("reset", "EPIPE", "peer")


def test_data_after_shutdown_of_both_directions(recording, namespace):
    """The process still has the socket."""
    client, server = namespace.pair()
    client.shutdown(socket.SHUT_RDWR)
    server.sendall(b"x" * 10)
    wait_ended(recording, namespace)
    client.close()
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == RESET_BY_US
    assert ending(server_row) == ("reset", "EPIPE", "peer")


def test_reset_that_comes_after_our_fin(recording, namespace):
    """The error is the same as where this end has sent the reset itself."""
    client, server = namespace.pair()
    client.sendall(b"x" * 10)
    wait_until(lambda: bytes_waiting(server) == 10)
    client.shutdown(socket.SHUT_RDWR)
    server.close()  # with unread data
    wait_ended(recording, namespace)
    client.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == RESET_BY_PEER
    assert ending(server_row) == RESET_BY_US
    assert "reset" not in event_kinds(recording, client_row)


def test_data_in_time_wait(recording, namespace):
    """The closed end had said all when the reset was sent."""
    client, server = namespace.pair()
    client.close()
    wait_ended(recording, namespace, rows=1)
    server.sendall(b"x" * 10)
    wait_ended(recording, namespace)
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == ("closed", None, "local")
    assert ending(server_row) == ("reset", "EPIPE", "peer")


# ---------------------------------------------------------------- cut off after the FIN


def test_unread_data_after_both_fins(recording, namespace):
    """The FINs are under way or there already when the process closes with data unread."""
    client, server = namespace.pair()
    client.sendall(b"x" * 10)
    client.shutdown(socket.SHUT_WR)
    wait_until(lambda: bytes_waiting(server) == 10)
    namespace.nft(f"tcp dport {server.getsockname()[1]} drop")  # the client acknowledges no FIN
    server.shutdown(socket.SHUT_WR)
    server.close()
    recording.wait_for(f"SELECT count(*) > 0 FROM connections WHERE {namespace.is_here} "
                       "AND direction = 'passive' AND outcome <> 'open'")
    client.close()
    recording.stop()
    _, server_row = ends_in(recording, namespace)
    assert ending(server_row) == RESET_BY_US


@pytest.mark.parametrize("how", ["close", "shutdown, then close"])
def test_linger2_forbids_to_wait_for_the_fin(recording, namespace, how):
    client, server = namespace.pair()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_LINGER2, -1)
    if "shutdown" in how:
        client.shutdown(socket.SHUT_WR)
        wait_until(lambda: select.select([server], [], [], 0)[0])
    client.close()
    wait_ended(recording, namespace)
    assert error_of(server.send, b"x") == "EPIPE"
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == RESET_BY_US
    assert ending(server_row) == ("reset", "EPIPE", "peer")


# ---------------------------------------------------------------- nothing has broken it


def test_error_that_the_socket_has_survived(recording, namespace):
    """With IP_RECVERR an ICMP error stays in the socket, although the connection goes on."""
    client, server = namespace.pair()
    client.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    namespace.nft(f"tcp dport {server.getsockname()[1]} reject with icmp type host-unreachable")
    client.sendall(b"x" * 10)
    errors = select.poll()
    errors.register(client, 0)
    assert errors.poll(10_000) == [(client.fileno(), select.POLLERR)]
    namespace.let_through()
    wait_until(lambda: bytes_waiting(server) == 10)
    assert server.recv(100) == b"x" * 10
    client.close()
    server.close()
    wait_ended(recording, namespace)
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == ("closed", None, "local")
    assert ending(server_row) == ("closed", None, "peer")


def test_closed_in_repair_mode(recording, namespace):
    """As a connection is moved to another host: the peer is not told, so nothing has ended."""
    client, server = namespace.pair()
    client.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    client.close()
    wait_ended(recording, namespace, rows=1)
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert ending(client_row) == ("repair", None, "local")
    assert server_row["outcome"] == "open"
    server.close()
