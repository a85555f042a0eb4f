# SPDX-License-Identifier: Apache-2.0
"""bytes_sent and bytes_received are payload, each byte once: also where this host itself refuses to
send, and whatever else takes a sequence number or a counter of the kernel."""

import contextlib
import socket
import struct
import threading

import pytest

from namespaces import ADDRESSES, MACS, ending, ends_in, event_kinds, rows_in, the_row_in
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
SYN, FIN, ACK = 2, 1, 16


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def segment(ports, seq, ack, flags, payload=b""):
    """A frame from far to near."""
    source, target = (socket.inet_aton(ADDRESSES[link][0]) for link in ("far", "near"))

    def tcp(check):
        return struct.pack("!HHIIBBHHH", *ports, seq, ack, 5 << 4, flags, 60000, check,
                           0) + payload
    length = len(tcp(0))
    pseudo = source + target + struct.pack("!BBH", 0, socket.IPPROTO_TCP, length)

    def ip(check):
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, socket.IPPROTO_TCP,
                           check, source, target)
    macs = b"".join(bytes.fromhex(MACS[link].replace(":", "")) for link in ("near", "far"))
    return macs + b"\x08\x00" + ip(checksum(ip(0))) + tcp(checksum(pseudo + tcp(0)))


def answer_syn(link, payload):
    """Like a server that has said all at once; then acknowledges the client's FIN."""
    while True:
        frame = link.recv(2000)
        ports = struct.unpack_from("!HH", frame, 34)
        seq, _, offset, flags = struct.unpack_from("!IIBB", frame, 38)
        length = len(frame) - 34 - (offset >> 4) * 4
        if flags & SYN:
            link.send(segment(ports[::-1], 1000, seq + 1 + length, SYN | FIN | ACK, payload))
        elif flags & FIN:
            link.send(segment(ports[::-1], 1002 + len(payload), seq + length + 1, ACK))
            return


def test_syn_ack_with_data_and_fin(recording, near_and_far):
    """Only a client of TCP Fast Open takes them; the far end is the test itself."""
    near, far = near_and_far
    near.sysctl("ipv4/tcp_fastopen", 5)  # as a client, without a cookie
    near.run("ip", "neigh", "replace", ADDRESSES["far"][0], "lladdr", MACS["far"], "dev", "near")
    far.run("ip", "addr", "flush", "dev", "far")
    with far, socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as link:
        link.bind(("far", 0x0800))
        server = threading.Thread(target=answer_syn, args=(link, b"r" * 700))
        server.start()
        client = near.socket()
        client.settimeout(10)
        client.sendto(b"q" * 100, MSG_FASTOPEN, (ADDRESSES["far"][0], 80))
        assert receive_all(client) == b"r" * 700
        client.close()
        server.join()
    recording.wait_for(f"SELECT count(*) = 1 FROM connections WHERE {near.is_here} "
                       "AND closed_us > 0")
    recording.stop()
    row = the_row_in(recording, near)
    assert ending(row) == ("closed", None, "peer")
    assert "established" in event_kinds(recording, row)
    assert carried(row) == (100, 700)
