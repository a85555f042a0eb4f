# SPDX-License-Identifier: Apache-2.0
"""What the kernel measures while it accepts a connection is told by the event accept, and is no
round trip: with TCP_DEFER_ACCEPT or a SYN cookie it is something else."""

import socket
import time

import pytest

from namespaces import ends_in
from servers import exchange

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
