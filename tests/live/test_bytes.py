# SPDX-License-Identifier: Apache-2.0
"""bytes_sent and bytes_received are payload, each byte once: also where this host itself refuses to
send, and whatever else takes a sequence number or a counter of the kernel."""

import contextlib
import socket
import struct

import pytest

from namespaces import ADDRESSES, ending, ends_in, event_kinds, rows_in, the_row_in
from raw_peer import ACK, FIN, SYN, raw_peer
from servers import exchange, receive_all, wait_until

DATA = b"d" * 1000


def tcp_info(sock):
    """(bytes_acked, segs_out, bytes_sent, bytes_retrans)"""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 216)
    return struct.unpack_from("Q8xI60xQQ", info, 120)


def attempted(sock):
    """What the kernel counts as sent and as no retransmission."""
    _, _, sent, again = tcp_info(sock)
    return sent - again


@contextlib.contextmanager
def refused(namespace, server):
    """This host lets nothing out to the server."""
    namespace.nft(f"tcp dport {server.getsockname()[1]} drop", hook="output")
    yield
    namespace.let_through()


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def carried(row):
    return row["bytes_sent"], row["bytes_received"]


# ---------------------------------------------------------------- refused by this host itself

def send_refused(namespace, client, server):
    """Several times, and each time the kernel counts it."""
    before = attempted(client)
    client.sendall(DATA)
    wait_until(lambda: attempted(client) >= before + 3 * len(DATA))


def test_first_transmissions_are_refused(recording, namespace):
    client, server = namespace.pair()
    exchange(client, server, b"q" * 100, b"r" * 200)
    with refused(namespace, server):
        send_refused(namespace, client, server)
    assert server.recv(len(DATA), socket.MSG_WAITALL) == DATA
    client.close()
    assert server.recv(1) == b""
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert carried(client_row) == (1100, 200)
    assert carried(server_row) == (200, 1100)
    assert client_row["outcome"] == server_row["outcome"] == "closed"


def test_closed_while_the_host_refuses(recording, namespace):
    """The kernel goes on for the process, and sends data and FIN when it can."""
    client, server = namespace.pair()
    with refused(namespace, server):
        send_refused(namespace, client, server)
        client.close()
    assert receive_all(server) == DATA
    server.close()
    recording.wait_for(f"SELECT count(*) = 2 FROM connections WHERE {namespace.is_here} "
                       "AND outcome = 'closed'")
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert carried(client_row) == (1000, 0)
    assert carried(server_row) == (0, 1000)


def test_never_let_out(recording, namespace):
    client, server = namespace.pair()
    exchange(client, server, b"q" * 100, b"r" * 200)
    with refused(namespace, server):
        send_refused(namespace, client, server)
        reset(client)
    server.close()
    recording.stop()
    client_row, _ = ends_in(recording, namespace)
    assert carried(client_row) == (100, 200)


@pytest.mark.slow
def test_open_while_the_host_refuses(recording, namespace):
    client, server = namespace.pair()
    exchange(client, server, b"q" * 100, b"r" * 200)
    with refused(namespace, server):
        send_refused(namespace, client, server)
        recording.wait_for(f"SELECT count(*) = 2 FROM connections WHERE {namespace.is_here} "
                           "AND bytes_sent > 0", timeout_s=15)
        recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert carried(client_row) == (100, 200)
    assert carried(server_row) == (200, 100)
    client.close()
    server.close()


def test_retransmissions_are_refused(recording, namespace):
    """What was sent is lost, and then this host does not let it out again."""
    client, server = namespace.pair()
    port = server.getsockname()[1]
    namespace.nft(f"tcp dport {port} drop", family="ip")
    client.sendall(DATA)
    wait_until(lambda: attempted(client) == len(DATA))
    with refused(namespace, server):
        recording.wait_for("SELECT count(*) >= 2 FROM event_log WHERE peer_port = ? "
                           "AND kind = 'retransmit_failed'", port)
    namespace.let_through("ip")
    assert server.recv(len(DATA), socket.MSG_WAITALL) == DATA
    client.close()
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert (client_row["bytes_sent"], server_row["bytes_received"]) == (1000, 1000)
    segments = recording.rows("SELECT kind, sum(value) AS number FROM event_log "
                              "WHERE connection_id = ? AND kind LIKE 'retransmit%' GROUP BY kind "
                              "ORDER BY kind", client_row["id"])
    assert [told["kind"] for told in segments] == ["retransmit", "retransmit_failed"]
    assert sum(told["number"] for told in segments) == client_row["retrans_segs"]


# ---------------------------------------------------------------- what takes no payload

def test_in_flight_when_cut_off(recording, namespace):
    """It has left this host, whoever got it."""
    client, server = namespace.pair()
    exchange(client, server, b"q" * 100, b"r" * 200)
    namespace.nft(f"tcp dport {server.getsockname()[1]} drop")
    client.sendall(DATA)
    wait_until(lambda: tcp_info(client)[3] >= len(DATA))  # it was sent again, too
    reset(client)
    namespace.let_through()
    server.close()
    recording.stop()
    client_row, _ = ends_in(recording, namespace)
    assert ending(client_row) == ("reset", None, "local")
    assert carried(client_row) == (1100, 200)


def test_connected_to_itself(recording, namespace):
    itself = namespace.socket()
    itself.bind(("127.0.0.1", 0))
    itself.connect(itself.getsockname())
    itself.sendall(DATA)
    assert itself.recv(len(DATA), socket.MSG_WAITALL) == DATA
    itself.shutdown(socket.SHUT_WR)
    assert itself.recv(1) == b""
    itself.close()
    recording.wait_for(f"SELECT count(*) = 1 FROM connections WHERE {namespace.is_here} "
                       "AND outcome = 'closed'")
    recording.stop()
    assert carried(the_row_in(recording, namespace)) == (1000, 1000)


def test_simultaneous_open(recording, near_and_far):
    """Each end's SYN is on its way before the other's comes."""
    near, far = near_and_far
    ends = [namespace.socket() for namespace in near_and_far]
    addresses = [(ADDRESSES[link][0], 7000) for link in ("near", "far")]
    for namespace, end, address in zip(near_and_far, ends, addresses):
        end.bind(address)
        namespace.nft("tcp flags & (syn | rst) != 0 drop")
        end.setblocking(False)
    for end, address in zip(ends, reversed(addresses)):
        assert end.connect_ex(address) != 0
    near.let_through()
    far.let_through()
    for end in ends:
        end.settimeout(20)
    wait_until(lambda: all(tcp_info(end)[0] > 0 for end in ends))
    exchange(ends[0], ends[1], b"q" * 100, b"r" * 200)
    ends[0].close()
    assert ends[1].recv(1) == b""
    ends[1].close()
    recording.stop()
    rows = {row["netns"]: row for row in rows_in(recording, near, far)}
    assert carried(rows[near.inode]) == (100, 200)
    assert carried(rows[far.inode]) == (200, 100)
    first, second = sorted(rows.values(), key=lambda row: row["opened_us"])
    assert (first["id"], second["id"]) in recording.partners()
    assert recording.report("connection", str(first["id"]))[0]["other_end"] == second["id"]


def test_keepalive(recording, namespace):
    client, server = namespace.pair()
    exchange(client, server, b"q" * 100, b"r" * 200)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    before = tcp_info(client)[1]
    wait_until(lambda: tcp_info(client)[1] > before)
    client.close()
    assert server.recv(1) == b""
    server.close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert (carried(client_row), carried(server_row)) == ((100, 200), (200, 100))


# ---------------------------------------------------------------- a SYN-ACK with data and FIN

MSG_FASTOPEN = 0x20000000


def say_all_at_once(peer, payload):
    """With the SYN-ACK; then acknowledge the client's FIN. A SYN without data is one that was sent
    again, as the first one was lost on a link that had just come up. Then the client takes nothing
    with the SYN-ACK."""
    waits = False
    for got in peer.segments():
        if got.flags & SYN:
            waits = not got.length
            peer.send(got, 1000, SYN | ACK | (0 if waits else FIN), b"" if waits else payload)
        elif got.flags & FIN:
            peer.send(got, 1002 + len(payload), ACK)
            return
        elif waits:
            waits = False
            peer.send(got, 1001, FIN | ACK, payload)


def test_syn_ack_with_data_and_fin(recording, near_and_far):
    """Only a client of TCP Fast Open takes them; the far end is the test itself."""
    near, far = near_and_far
    near.sysctl("ipv4/tcp_fastopen", 5)  # as a client, without a cookie
    with raw_peer(near, far, lambda peer: say_all_at_once(peer, b"r" * 700)) as address:
        client = near.socket()
        client.settimeout(10)
        client.sendto(b"q" * 100, MSG_FASTOPEN, address)
        assert receive_all(client) == b"r" * 700
        client.close()
    recording.wait_for(f"SELECT count(*) = 1 FROM connections WHERE {near.is_here} "
                       "AND closed_us > 0")
    recording.stop()
    row = the_row_in(recording, near)
    assert ending(row) == ("closed", None, "peer")
    assert "established" in event_kinds(recording, row)
    assert carried(row) == (100, 700)
