# SPDX-License-Identifier: Apache-2.0
"""What an RTT sample is, and what is none."""

import json
import socket
import struct
import subprocess
import time

import pytest

from namespaces import ends_in, the_row_in
from raw_peer import ACK, FIN, SYN, raw_peer
from recording import QUERY
from servers import exchange, wait_until

# ---------------------------------------------------------------- one in each round trip

PART = b"d" * 500


def acknowledge_in_parts(peer):
    """50, 100, 150 and 200 ms after all has come. The late SYN-ACK makes the client patient."""
    come = 0
    for got in peer.segments():
        come += got.length
        if got.flags & SYN:
            time.sleep(0.3)
            peer.send(got, 1000, SYN | ACK)
        elif got.flags & FIN:
            peer.send(got, 1001, FIN | ACK)
            return
        elif come == 4 * len(PART):
            come = 0
            for part in range(1, 5):
                time.sleep(0.05)
                peer.send(got, 1001, ACK, less=(4 - part) * len(PART))


def kernel_rtts(sock):
    """(smoothed, its deviation, minimum), as ss has them."""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 152)
    return struct.unpack_from("II72xI", info, 68)


def is_acknowledged(sock):
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return struct.unpack_from("I", info, 24)[0] == 0


def test_one_sample_in_a_round_trip(recording, near_and_far):
    near, far = near_and_far
    with raw_peer(near, far, acknowledge_in_parts) as address:
        client = near.socket()
        client.connect(address)
        client.sendall(4 * PART)
        wait_until(lambda: is_acknowledged(client))
        smoothed_us = kernel_rtts(client)[0]
        client.close()
    recording.wait_for(f"SELECT count(*) = 1 FROM connections WHERE {near.is_here} "
                       "AND closed_us > 0")
    recording.stop()
    row = the_row_in(recording, near)
    samples = recording.rows("SELECT rtt_us, srtt_us FROM rtt_log WHERE connection_id = ? "
                             "AND state = 'ESTABLISHED'", row["id"])
    assert len(samples) == 1 and samples[0]["rtt_us"] >= 50_000
    if kernel_tells(recording):  # before, the smoothed one is that before the sample
        assert smoothed_us < samples[0]["srtt_us"]  # it has the others in it


def test_rtts_of_the_kernel(recording, namespace):
    """Those of the row are of its end."""
    client, server = namespace.pair()
    for _ in range(20):
        exchange(client, server, b"q", b"r")
    wait_until(lambda: is_acknowledged(client))
    told = kernel_rtts(client)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    server.close()
    recording.stop()
    row, _ = ends_in(recording, namespace)
    assert (row["srtt_us"], row["rtt_deviation_us"], row["kernel_rtt_min_us"]) == told


def test_without_sack(recording, namespace):
    """Where the callback gives no value, RACK does, but not without SACK; and 0 us is no RTT."""
    namespace.sysctl("ipv4/tcp_sack", 0)
    client, server = namespace.pair()
    for _ in range(5):
        exchange(client, server, b"q" * 10_000, b"r" * 10_000)
    client.close()
    server.close()
    recording.stop()
    for row in ends_in(recording, namespace):
        assert row["rtt_min_us"] != 0 and row["kernel_rtt_min_us"] > 0
        if kernel_tells(recording):
            assert row["rtt_min_us"] > 0


def test_no_more_are_stored_than_taken(recording, namespace):
    """Also of a connection that is open, and whose counters are as old as ten seconds."""
    client, server = namespace.pair()
    for _ in range(50):
        exchange(client, server, b"q", b"r")
    here = f"SELECT id FROM connections WHERE {namespace.is_here}"
    recording.wait_for(f"SELECT count(*) > 50 FROM rtt_samples WHERE connection_id IN ({here})")
    for number in (row["id"] for row in recording.rows(here)):
        told = ask(recording, "connection", str(number))
        assert told["rtt_samples"] >= 20
    told = ask(recording, "summary", f"port {server.getsockname()[1]}")
    assert told["rtt_samples"] >= told["rtt_samples_stored"] > 50
    client.close()
    server.close()


def ask(recording, *question):
    """The one row of a report."""
    answer = subprocess.run([QUERY, "-r", recording.db, *question, "-o", "json"], check=True,
                            stdout=subprocess.PIPE)
    return json.loads(answer.stdout)[0]


# ---------------------------------------------------------------- the accepting side's handshake

THINKING_S = 0.5


def chat(namespace, listener, thinking_s):
    """The client thinks before it says the first word."""
    with namespace.connect(listener.getsockname()) as client:
        time.sleep(thinking_s)
        client.sendall(b"question")
        with listener.accept()[0] as server:
            assert server.recv(100) == b"question"
            for _ in range(5):
                exchange(server, client, b"answer", b"next")
            client.close()
            assert server.recv(1) == b""


def handshake_us(recording, row):
    return recording.value("SELECT value FROM event_log WHERE kind = 'accept' "
                           "AND connection_id = ?", row["id"])


def kernel_tells(recording):
    """From Linux 6.10 on."""
    return recording.value("SELECT rtt_source = 'measured' FROM recordings")


def check_round_trips(recording, row):
    """All samples are stored, none of them was taken while the connection was accepted, and the
    row is made of them."""
    samples = recording.rows("SELECT rtt_us, state FROM rtt_log WHERE connection_id = ?", row["id"])
    rtts = [sample["rtt_us"] for sample in samples]
    assert "SYN_RECV" not in {sample["state"] for sample in samples}
    assert (row["rtt_samples"], row["rtt_min_us"], row["rtt_max_us"]) == (
        len(rtts), min(rtts), max(rtts))


def test_handshake_of_an_accepted_connection(recording, namespace):
    with namespace.listen() as listener:
        chat(namespace, listener, 0)
    recording.stop()
    _, row = ends_in(recording, namespace)
    check_round_trips(recording, row)
    assert 0 <= handshake_us(recording, row) < 10_000_000
    assert (handshake_us(recording, row) > 0) == kernel_tells(recording)


def test_deferred_accept(recording, namespace):
    """The kernel takes the client's thinking for the first round trip."""
    with namespace.listen() as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 10)
        chat(namespace, listener, THINKING_S)
    recording.stop()
    _, row = ends_in(recording, namespace)
    check_round_trips(recording, row)
    if kernel_tells(recording):
        assert handshake_us(recording, row) >= THINKING_S * 1e6
    # A busy machine may delay an answer, so the samples themselves show what does not belong.
    samples = recording.rows("SELECT time_us FROM rtt_samples WHERE connection_id = ?", row["id"])
    assert all(sample["time_us"] > row["established_us"] for sample in samples)


@pytest.mark.parametrize("cookies", [0, 2], ids=["without", "with"])
def test_syn_cookie(recording, namespace, cookies):
    """A cookie's clock has milliseconds of which the last six bits are something else."""
    namespace.sysctl("ipv4/tcp_syncookies", cookies)
    with namespace.listen() as listener:
        for _ in range(10):
            chat(namespace, listener, 0)
    recording.stop()
    rows = recording.rows(f"SELECT * FROM connection_log WHERE {namespace.is_here} "
                          "AND direction = 'passive'")
    assert len(rows) == 10
    for row in rows:
        check_round_trips(recording, row)
    if cookies and kernel_tells(recording):
        assert {handshake_us(recording, row) % 1000 for row in rows} == {0}
