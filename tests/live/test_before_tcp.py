# SPDX-License-Identifier: Apache-2.0
"""connect() calls that fail before TCP sends anything: rows all the same."""

import ctypes
import errno
import os
import socket
import struct
import subprocess
import sys

import pytest
from namespaces import ADDRESSES, error_of, rows_in
from other_programs import another_program
from recording import Recording
from servers import connected_pair


@pytest.fixture(params=["auto", "tracepoint"])
def recording(request, tmp_path):
    with Recording(tmp_path / "test.db", "--connect-errors", request.param) as running:
        yield running


def way_of(recording):
    return recording.value("SELECT connect_errors FROM recordings")


ATTEMPT = """
import os, socket, subprocess, sys
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
device = b''
for command in sys.argv[2:]:
    exec(command)
client = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET)
if device:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
try:
    client.connect((sys.argv[1], 80))
except OSError as error:
    print(os.getpid(), os.stat('/proc/self/ns/net').st_ino, error.errno)
"""


def ip(*words):
    return f"subprocess.run(['ip', *{words}], check=True)"


def add_route(kind, network="192.0.2.0/24"):
    return ip("route", "add", kind, network)


# Each fails before a route is looked up.
FORBID_BY_RULE = ip("rule", "add", "to", "192.0.2.0/24", "prohibit")
FORBID_BY_RULE_IPV6 = ip("-6", "rule", "add", "to", "2001:db8::/32", "prohibit")
BIND_TO_DEVICE_THAT_IS_DOWN = (ip("link", "add", "veth1", "type", "veth"), "device = b'veth1'")


# The only local port there is to be had is connected to the peer already.
TAKE_ALL_PORTS = """
with open('/proc/sys/net/ipv4/ip_local_port_range', 'w') as ports:
    ports.write('40000 40000')
listener = socket.create_server(('127.0.0.1', 80))
first = socket.create_connection(('127.0.0.1', 80))
"""


def attempt(peer, *commands):
    """In a network namespace of its own, after these lines of Python: (pid, netns, errno)."""
    done = subprocess.run(["unshare", "--net", sys.executable, "-c", ATTEMPT, peer, *commands],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


def the_failure(recording, pid, netns):
    (row,) = recording.rows("SELECT * FROM connection_log WHERE pid = ? AND netns = ? "
                            "AND outcome IN ('unreachable', 'aborted')", pid, netns)
    return row


def events_of(recording, row):
    return recording.rows("SELECT kind, value FROM event_log WHERE connection_id = ?", row["id"])


@pytest.mark.parametrize("peer, commands, outcome, error", [
    ("192.0.2.1", (), "unreachable", "ENETUNREACH"),
    ("2001:db8::1", (), "unreachable", "ENETUNREACH"),
    ("192.0.2.1", (add_route("blackhole"),), "unreachable", "EINVAL"),
    ("192.0.2.1", (add_route("prohibit"),), "unreachable", "EACCES"),
    ("192.0.2.1", (add_route("unreachable"),), "unreachable", "EHOSTUNREACH"),
    ("2001:db8::1", (add_route("prohibit", "2001:db8::/32"),), "unreachable", "EACCES"),
    ("192.0.2.1", (FORBID_BY_RULE,), "unreachable", "EACCES"),
    ("2001:db8::1", (FORBID_BY_RULE_IPV6,), "unreachable", "EACCES"),
    ("192.0.2.1", BIND_TO_DEVICE_THAT_IS_DOWN, "unreachable", "ENETUNREACH"),
    ("224.0.0.1", (ip("route", "add", "default", "dev", "lo"),), "unreachable", "ENETUNREACH"),
    ("fe80::1", (), "unreachable", "EINVAL"),
    ("127.0.0.1", (TAKE_ALL_PORTS,), "aborted", "EADDRNOTAVAIL"),
], ids=["no-route", "no-route-ipv6", "blackhole", "prohibit", "unreachable-route",
        "prohibit-ipv6", "rule", "rule-ipv6", "device-down", "multicast", "no-scope", "no-port"])
def test_never_reached_tcp(recording, peer, commands, outcome, error):
    pid, netns, number = attempt(peer, *commands)
    recording.stop()
    row = the_failure(recording, pid, netns)
    assert (row["outcome"], row["error"], row["closed_by"]) == (outcome, error, "local")
    assert row["pid_source"] == "connect"
    assert (row["peer_address"], row["peer_port"]) == (peer, 80)
    assert row["local_address"] is row["local_port"] is row["established_us"] is None
    assert row["direction"] == "active" and row["cmdline"].startswith(sys.executable)
    assert 0 <= row["duration_us"] < 10_000_000
    assert events_of(recording, row) == [{"kind": "attempt", "value": number}]
    assert way_of(recording) in ("fexit", "task work", "tracepoint")


def test_forbidden_by_another_program(recording, tmp_path, cgroup):
    code = "import socket; socket.socket().connect(('127.0.0.1', 9))"
    with another_program(tmp_path, cgroup, does="return 0", hook="connect4"):
        done = subprocess.run(["sh", "-c", f"echo $$ > {cgroup}/cgroup.procs; exec $0 -c \"$1\"",
                               sys.executable, code], capture_output=True, text=True, check=False)
    assert "PermissionError" in done.stderr
    recording.stop()
    (row,) = recording.rows("SELECT outcome, error FROM connection_log WHERE cgroup_path = ?",
                            "/" + os.path.basename(cgroup))
    assert row == {"outcome": "aborted", "error": "EPERM"}


def test_without_any_address(recording):
    code = "import os, socket; print(os.getpid()); socket.socket().connect(('192.0.2.1', 80))"
    done = subprocess.run(["unshare", "--net", sys.executable, "-c", code],
                          capture_output=True, text=True, check=False)
    recording.stop()
    assert recording.rows("SELECT error FROM connection_log WHERE pid = ?", int(done.stdout)) == [
        {"error": "ENETUNREACH"}]


def test_address_of_another_family(recording):
    address = struct.pack("=HHI16sI", socket.AF_INET6, socket.htons(80), 0, bytes(16), 0)
    with socket.socket() as client:
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.connect(client.fileno(), address, len(address)) == -1
        assert ctypes.get_errno() == errno.EAFNOSUPPORT
    recording.stop()
    (row,) = recording.rows("SELECT error FROM connection_log WHERE pid = ?", os.getpid())
    assert row == {"error": "EAFNOSUPPORT"}


def test_what_happens_while_all_wait_is_nobodys_attempt(recording, near_and_far):
    """That a neighbour does not answer is found out while the processors are idle; with a routing
    rule the kernel then looks into tables without a route. Namespaces of other tests, which the
    recorder may fail to enter, are not looked at."""
    near, _ = near_and_far
    near.run("ip", "rule", "add", "to", "198.51.100.0/24", "prohibit")
    nobody = ADDRESSES["far"][0].rpartition(".")[0] + ".99"
    with near.socket() as client:
        assert error_of(client.connect, (nobody, 80)) == "EHOSTUNREACH"
    recording.stop()
    assert len(rows_in(recording, near)) == 1
    assert recording.rows("SELECT cause, lost FROM loss_log WHERE cause <> 'netns'") == []


def connect_error(client, port):
    with pytest.raises(OSError) as caught:
        client.connect(("127.0.0.1", port))
    return caught.value.errno


def test_what_reached_tcp_is_told_once(recording):
    """A refused connect() returns an error too, as do those that find the socket busy."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert connect_error(client, port) == 106  # EISCONN
    refused = socket.socket()
    assert connect_error(refused, port) == 111
    refused.setblocking(False)
    assert connect_error(refused, port) == 115  # EINPROGRESS
    assert connect_error(refused, port) == 111  # the stored error
    refused.close()
    recording.stop()
    rows = recording.rows("SELECT outcome, generation FROM connections WHERE peer_port = ? "
                          "ORDER BY id", port)
    assert [(row["outcome"], row["generation"]) for row in rows][1:] == [
        ("refused", 1), ("refused", 2)]


def test_other_kinds_of_socket_are_none_of_our_business(recording):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        with pytest.raises(OSError):
            udp.connect(("255.255.255.255", 9))
    with socket.socket(socket.AF_UNIX) as unix:
        with pytest.raises(FileNotFoundError):
            unix.connect("/nowhere")
    recording.stop()
    assert recording.rows("SELECT * FROM connection_log WHERE pid = ?", os.getpid()) == []


def test_multipath_tcp(recording):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as client:
        with pytest.raises(OSError):
            client.connect(("255.255.255.255", 80))
    recording.stop()
    (row,) = recording.rows("SELECT * FROM connection_log WHERE pid = ?", os.getpid())
    assert (row["outcome"], row["error"]) == ("unreachable", "ENETUNREACH")


def test_attempts_on_one_socket(recording):
    with socket.socket() as client:
        for _ in range(3):
            with pytest.raises(OSError):
                client.connect(("255.255.255.255", 80))
    recording.stop()
    rows = recording.rows("SELECT cookie, generation, outcome FROM connection_log WHERE pid = ?",
                          os.getpid())
    assert len(rows) == 3 and len({row["cookie"] for row in rows}) == 1
    assert {(row["generation"], row["outcome"]) for row in rows} == {(0, "unreachable")}


def test_switched_off(tmp_path):
    with Recording(tmp_path / "a.db", "--connect-errors", "off") as recording:
        with socket.socket() as client:
            with pytest.raises(OSError):
                client.connect(("255.255.255.255", 80))
        *ends, _ = connected_pair()
        for end in ends:
            end.close()
        recording.stop()
        assert way_of(recording) == "none"
        assert recording.value("SELECT count(*) FROM connection_log WHERE pid = ?",
                               os.getpid()) == 2


def test_a_socket_whose_callbacks_an_earlier_recorder_left_on(tmp_path, namespace):
    with namespace.socket() as client:
        with Recording(tmp_path / "earlier.db") as earlier:
            assert connect_error(client, 9) == 111
            earlier.stop()
        with Recording(tmp_path / "a.db") as recording:
            namespace.sysctl("ipv4/ip_local_port_range", "40000 40000")
            with namespace.listen(port=80) as listener, namespace.socket() as first:
                first.connect(listener.getsockname())
                assert connect_error(client, 80) == 99  # EADDRNOTAVAIL
            recording.stop()
    rows = recording.rows("SELECT generation, start_kind, error FROM connection_log "
                          f"WHERE {namespace.is_here} AND outcome = 'aborted'")
    assert rows == [{"generation": 0, "start_kind": "seen", "error": "EADDRNOTAVAIL"}]


MSG_FASTOPEN = 0x20000000
TCP_FASTOPEN_CONNECT = 30
TCP_FASTOPEN_NO_COOKIE = 34


def test_an_attempt_made_otherwise_is_not_told_with_the_next_error(recording):
    """sendto() with TCP Fast Open, and a connect() that it puts off, end no connect() with
    an error: that of another socket which comes next is not theirs. By task work the error
    of sendto() itself is seen."""
    with socket.socket() as sending, socket.socket() as putting_off:
        with pytest.raises(OSError):
            sending.sendto(b"x", MSG_FASTOPEN, ("255.255.255.255", 80))
        connect_nowhere()
        for option in TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE:
            putting_off.setsockopt(socket.IPPROTO_TCP, option, 1)
        putting_off.connect(("127.0.0.1", 9))
        connect_nowhere()
        putting_off.setblocking(False)
        assert connect_error(putting_off, 9) == 106  # EISCONN: nothing has failed
    recording.stop()
    seen = recording.rows("SELECT error, start_kind FROM connection_log WHERE pid = ?", os.getpid())
    assert seen == ([{"error": "ENETUNREACH", "start_kind": "seen"}]
                    if way_of(recording) == "task work" else [])


def connect_nowhere():
    with socket.socket(socket.AF_UNIX) as unix:
        with pytest.raises(FileNotFoundError):
            unix.connect("/nowhere")
