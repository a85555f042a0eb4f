# SPDX-License-Identifier: Apache-2.0
"""Why an attempt never became a connection."""

import errno
import os
import socket
import subprocess

import pytest

from namespaces import disconnect, ending, error_of, event_kinds, states, the_row_in

DROP_SYN = "tcp flags & (syn | ack) == syn drop"

ICMP_ANSWERS = {
    "port": ("127.0.0.1", "icmp type port-unreachable", "refused", "ECONNREFUSED", "peer"),
    "host": ("127.0.0.1", "icmp type host-unreachable", "unreachable", "EHOSTUNREACH", "unknown"),
    "admin": ("127.0.0.1", "icmp type admin-prohibited", "unreachable", "EHOSTUNREACH", "unknown"),
    "net": ("127.0.0.1", "icmp type net-unreachable", "unreachable", "ENETUNREACH", "unknown"),
    "protocol": ("127.0.0.1", "icmp type prot-unreachable", "unreachable", "ENOPROTOOPT",
                 "unknown"),
    "port6": ("::1", "icmpv6 type port-unreachable", "refused", "ECONNREFUSED", "peer"),
    "address6": ("::1", "icmpv6 type addr-unreachable", "unreachable", "EHOSTUNREACH", "unknown"),
    "admin6": ("::1", "icmpv6 type admin-prohibited", "unreachable", "EACCES", "unknown"),
    "route6": ("::1", "icmpv6 type no-route", "unreachable", "ENETUNREACH", "unknown"),
}


@pytest.mark.parametrize("kind", ICMP_ANSWERS)
def test_syn_answered_by_icmp(recording, namespace, kind):
    """The first answer meets a socket in use by connect(), the one to the retransmitted SYN not."""
    host, answer, *expected = ICMP_ANSWERS[kind]
    namespace.nft(f"tcp dport 81 reject with {answer}")
    with namespace.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as client:
        told = error_of(client.connect, (host, 81))
    recording.stop()
    row = the_row_in(recording, namespace)
    assert ending(row) == tuple(expected)
    assert row["error"] == told
    assert event_kinds(recording, row) == ["connect", "rto", "retransmit", "close"]
    assert (row["retrans_segs"], row["rtos"], row["established_us"]) == (1, 1, None)


@pytest.mark.parametrize("host, family", [("10.7.0.99", "ipv4"), ("fd07::99", "ipv6")])
def test_no_such_neighbour(recording, near_and_far, host, family):
    near, _ = near_and_far
    near.sysctl(f"{family}/neigh/near/retrans_time_ms", 100)
    with near.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as client:
        assert error_of(client.connect, (host, 81)) == "EHOSTUNREACH"
    recording.stop()
    row = the_row_in(recording, near)
    assert ending(row) == ("unreachable", "EHOSTUNREACH", "unknown")
    assert "retransmit" not in event_kinds(recording, row)


def test_user_timeout_of_an_attempt(recording, namespace):
    namespace.nft(DROP_SYN)
    with namespace.socket() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1500)
        assert error_of(client.connect, ("127.0.0.1", 81)) == "ETIMEDOUT"
    recording.stop()
    row = the_row_in(recording, namespace)
    assert ending(row) == ("timeout", "ETIMEDOUT", "unknown")
    assert row["duration_us"] < 3_000_000  # not after all the SYNs it may send


def close(client):
    client.close()


def shut_down(client):
    client.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("give_up", [close, shut_down, disconnect])
def test_attempt_given_up(recording, namespace, give_up):
    namespace.nft(DROP_SYN)
    with namespace.socket() as client:
        client.setblocking(False)
        assert client.connect_ex(("127.0.0.1", 81)) == errno.EINPROGRESS
        give_up(client)
    recording.stop()
    row = the_row_in(recording, namespace)
    assert ending(row) == ("aborted", None, "local")
    assert row["established_us"] is None and row["pid"] == os.getpid()
    assert states(recording, row) == ["SYN_SENT", "CLOSE"]


def test_attempt_of_a_killed_process(recording, namespace):
    namespace.nft(DROP_SYN)
    with namespace:
        client = subprocess.Popen(["curl", "-s", "http://127.0.0.1:81/"])
    recording.wait_for("SELECT count(*) FROM connection_log WHERE pid = ?", client.pid)
    client.kill()
    client.wait()
    recording.stop()
    row = the_row_in(recording, namespace)
    assert ending(row) == ("aborted", None, "local")
    assert (row["established_us"], row["pid"], row["comm"]) == (None, client.pid, "curl")


def test_attempt_killed_by_ss(recording, namespace):
    namespace.nft(DROP_SYN)
    with namespace.socket() as client:
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", 81))
        namespace.run("ss", "-K", "dport = 81")
    recording.stop()
    row = the_row_in(recording, namespace)
    assert ending(row) == ("aborted", "ECONNABORTED", "local")
    assert row["established_us"] is None
