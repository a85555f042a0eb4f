# SPDX-License-Identifier: Apache-2.0
"""What held a connection up, and who is waited for."""

import array
import fcntl
import re
import socket
import subprocess
import sys
import termios
import threading
import time

from namespaces import ends_in
from servers import connected_pair, exchange, receive_all, wait_until


def stopwatches(sock):
    """The kernel's own, in microseconds, as ss shows them."""
    ours, theirs = sock.getsockname()[1], sock.getpeername()[1]
    shown = subprocess.run(["ss", "-Htin", f"sport = {ours} and dport = {theirs}"], check=True,
                           text=True, stdout=subprocess.PIPE).stdout
    found = dict(re.findall(r"(busy|rwnd_limited|sndbuf_limited):(\d+)ms", shown))
    return {f"{name}_us": 1000 * int(found.get(name, 0))
            for name in ("busy", "rwnd_limited", "sndbuf_limited")}


def within_5_percent(row, expected):
    """The kernel's clock goes on in ticks of up to 10 ms, which the bound allows for."""
    return all(abs(row[name] - value) <= 0.05 * value + 10_000 for name, value in expected.items())


def test_a_receiver_that_sleeps(recording):
    client, server, port = connected_pair()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    writer = threading.Thread(target=client.sendall, args=(bytes(8_000_000),))
    writer.start()
    time.sleep(3)
    reader = threading.Thread(target=receive_all, args=(server,))
    reader.start()
    writer.join()
    client.shutdown(socket.SHUT_WR)
    reader.join()
    expected = stopwatches(client)
    assert expected["rwnd_limited_us"] > 1_000_000
    server.close()
    client.close()
    recording.stop()
    sender, receiver = recording.both_ends(port)
    assert within_5_percent(sender, expected), (sender, expected)
    assert receiver["rwnd_limited_us"] == 0
    (story,) = recording.report("connection", str(sender["id"]))
    assert re.search(r"waited [\d.]+s for the peer's receive window", story["busy"]), story
    limited = recording.report("slowest", "--by", "limited", "rwnd_limited > 1s")
    assert sender["id"] in [row["id"] for row in limited]


# ---------------------------------------------------------------- retransmissions by cause

CAUSES = ("fast", "tlp", "timeout")


def sent_again(row):
    return {cause: row[f"retrans_{cause}_segs"] for cause in CAUSES}


def retransmitted(sock):
    """tcpi_total_retrans"""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return int.from_bytes(info[100:104], sys.byteorder)


def unacknowledged(sock):
    """Bytes."""
    return array.array("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4))[0]


def close(client, server):
    client.close()
    assert server.recv(1) == b""
    server.close()


def test_a_tail_loss_probe_then_timeouts(recording, namespace):
    client, server = namespace.pair()
    exchange(client, server, b"q" * 100, b"r" * 100)
    namespace.nft(f"tcp dport {server.getsockname()[1]} drop")
    client.sendall(b"lost")
    wait_until(lambda: retransmitted(client) >= 3)
    namespace.let_through()
    assert server.recv(4) == b"lost"
    close(client, server)
    recording.stop()
    sender, receiver = ends_in(recording, namespace)
    causes = sent_again(sender)
    assert (causes["fast"], causes["tlp"]) == (0, 1)
    assert sum(causes.values()) == sender["retrans_segs"] >= 3
    assert sum(sent_again(receiver).values()) == 0


def test_fast_retransmit(recording, namespace):
    client, server = namespace.pair()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    exchange(client, server, b"q" * 100, b"r" * 100)
    reader = threading.Thread(target=receive_all, args=(server,))
    reader.start()
    namespace.nft(f"tcp dport {server.getsockname()[1]} meta length > 500 "
                  "numgen inc mod 10 3 drop")
    for _ in range(100):
        client.sendall(bytes(1000))
    client.shutdown(socket.SHUT_WR)
    reader.join()
    client.close()
    server.close()
    recording.stop()
    sender, _ = ends_in(recording, namespace)
    causes = sent_again(sender)
    assert causes["fast"] > 0
    assert sum(causes.values()) == sender["retrans_segs"]


def test_spurious_retransmissions(recording, namespace):
    """The data arrives, but not the ACK. So it is sent again, and the peer says that it had it."""
    client, server = namespace.pair()
    exchange(client, server, b"q" * 100, b"r" * 100)
    namespace.nft(f"tcp sport {server.getsockname()[1]} drop")
    client.sendall(b"twice")
    wait_until(lambda: retransmitted(client) >= 1)
    namespace.let_through()  # the ACK of another retransmission
    wait_until(lambda: unacknowledged(client) == 0)
    assert server.recv(5) == b"twice"
    close(client, server)
    recording.stop()
    sender, receiver = ends_in(recording, namespace)
    assert sender["retrans_spurious_segs"] >= 1
    assert receiver["retrans_spurious_segs"] == 0


# ---------------------------------------------------------------- who is waited for

def about(us, seconds):
    """A tick of the kernel's clock may be missing, and the bounds are of a busy machine."""
    least, most = seconds
    return least - 0.02 <= us / 1e6 <= most + 0.02


def test_a_backend_that_answers_late(recording):
    client, server, port = connected_pair()
    begin = time.monotonic()
    client.sendall(b"question")
    asked = time.monotonic()
    assert server.recv(100) == b"question"
    time.sleep(3.5)
    answering = time.monotonic()
    server.sendall(b"answer")
    assert client.recv(100) == b"answer"
    answered = time.monotonic()
    close(client, server)
    recording.stop()
    client_row, server_row = recording.both_ends(port)
    took = (answering - asked, answered - begin)
    assert about(client_row["wait_for_peer_us"], took)
    assert about(server_row["wait_for_local_us"], took)
    assert client_row["wait_for_local_us"] < 1_000_000
    assert server_row["wait_for_peer_us"] < 1_000_000
    slow = {row["id"]: row["answer_us"] for row in recording.report("slowest", "--by", "wait")}
    assert slow[client_row["id"]] == client_row["wait_for_peer_us"]
    assert slow[server_row["id"]] == server_row["wait_for_local_us"]


def waits(row):
    """For whom, for how long seen until now."""
    return row["waits_for"], row[f"wait_for_{row['waits_for']}_us"]


def exchange_within_a_tick(client, server):
    """Mostly, because one takes some 100 us. Then only ACKs tell which way data went last. At first
    they come alone, and later with the answer."""
    for _ in range(30):
        exchange(client, server, b"question", b"answer")


def test_a_client_that_is_idle(recording):
    """It could ask again at any time. So at its end this end is waited for."""
    client, server, port = connected_pair()
    with client, server:
        begin = time.monotonic()
        exchange_within_a_tick(client, server)
        answered = time.monotonic()
        time.sleep(2)
        slept = time.monotonic()
        recording.stop()
        stopped = time.monotonic()
    for row, end in zip(recording.both_ends(port), ("local", "peer")):
        waits_for, wait_us = waits(row)
        assert waits_for == end, row
        assert about(wait_us, (slept - answered, stopped - begin))


def test_a_server_that_hangs_later(recording):
    client, server, port = connected_pair()
    with client, server:
        begin = time.monotonic()
        exchange_within_a_tick(client, server)
        client.sendall(b"another")
        asked = time.monotonic()
        assert server.recv(100) == b"another"
        time.sleep(2)
        slept = time.monotonic()
        recording.stop()
        stopped = time.monotonic()
    for row, end in zip(recording.both_ends(port), ("peer", "local")):
        waits_for, wait_us = waits(row)
        assert waits_for == end, row
        assert about(wait_us, (slept - asked, stopped - begin))


def test_a_network_that_loses_the_question_is_no_server_that_hangs(recording, namespace):
    client, server = namespace.pair()
    with client, server:
        exchange(client, server, b"q" * 100, b"r" * 100)
        namespace.nft(f"tcp dport {server.getsockname()[1]} drop")
        client.sendall(b"lost")
        wait_until(lambda: retransmitted(client) >= 3)
        recording.stop()
    client_row, _ = ends_in(recording, namespace)
    assert client_row["waits_for"] is None
    assert client_row["wait_for_peer_us"] < 200_000
    assert client_row["busy_us"] > 500_000


def test_who_closes_behind_its_fin_waits_no_more(recording):
    """Then close() sends nothing, and the kernel keeps the socket for TCP_LINGER2."""
    client, server, port = connected_pair()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_LINGER2, 120)
    with server:
        begin = time.monotonic()
        client.sendall(b"question")
        client.shutdown(socket.SHUT_WR)
        assert receive_all(server) == b"question"
        time.sleep(2.5)  # for walks that meet the connection as it is
        client.close()
        closed = time.monotonic()
        time.sleep(1)
        recording.stop()
    client_row, _ = recording.both_ends(port)
    assert client_row["outcome"] == "open" and client_row["waits_for"] is None
    assert client_row["wait_for_peer_us"] < 1e6 * (closed - begin) + 100_000


def test_who_gives_up_has_waited(recording):
    client, server, port = connected_pair()
    begin = time.monotonic()
    client.sendall(b"question")
    asked = time.monotonic()
    time.sleep(2)
    giving_up = time.monotonic()
    client.close()
    gave_up = time.monotonic()
    assert server.recv(100) == b"question"
    time.sleep(1)
    server.close()
    recording.stop()
    client_row, _ = recording.both_ends(port)
    assert about(client_row["wait_for_peer_us"], (giving_up - asked, gave_up - begin))
