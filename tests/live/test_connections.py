# SPDX-License-Identifier: Apache-2.0
"""Each end of a connection is one true row."""

import json
import os
import signal
import socket
import struct
import subprocess
import sys

import pytest

from recording import Recording
from servers import (bytes_waiting, children_of, connected_pair, curl, exchange, free_port, nginx,
                     receive_all, running, wait_until)

BODY_BYTES = 1_234_567

# nginx's listen directive, the address to connect to, the one in the file, its family
ADDRESSES = {
    "ipv4": ("127.0.0.1:{port}", "127.0.0.1", "127.0.0.1", 4),
    "ipv6": ("[::1]:{port}", "[::1]", "::1", 6),
    "ipv4-on-dual-stack-listener": ("[::]:{port} ipv6only=off", "127.0.0.1", "127.0.0.1", 4),
}

OTHER_END = {"local": "peer", "peer": "local", "both": "both"}


@pytest.mark.parametrize("kind", ADDRESSES)
@pytest.mark.parametrize("server_closes", [False, True], ids=["curl-closes", "nginx-closes"])
def test_curl_and_nginx(recording, tmp_path, kind, server_closes):
    listen, host, address, family = ADDRESSES[kind]
    port = free_port()
    (tmp_path / "body").write_bytes(os.urandom(BODY_BYTES))
    with nginx(tmp_path, listen.format(port=port), port) as master:
        workers = children_of(master.pid)
        header = ["-H", "Connection: close"] if server_closes else []
        curl_pid, told, _ = curl(*header, f"http://{host}:{port}/body")
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE outcome = 'closed' "
                           "AND ? IN (local_port, peer_port)", port)
    recording.stop()
    client, server = recording.both_ends(port)

    assert told["size_download"] == BODY_BYTES
    assert client["bytes_sent"] == server["bytes_received"] == told["size_request"]
    assert (client["bytes_received"] == server["bytes_sent"]
            == told["size_header"] + told["size_download"])
    assert (client["pid"], client["comm"], client["pid_source"]) == (curl_pid, "curl", "connect")
    assert (server["comm"], server["pid_source"]) == ("nginx", "accept")
    assert server["pid"] in workers
    assert client["family"] == server["family"] == family
    assert client["local_address"] == client["peer_address"] == address
    assert server["local_address"] == server["peer_address"] == address
    assert client["local_port"] == server["peer_port"] == told["local_port"]
    assert client["outcome"] == server["outcome"] == "closed"
    assert server["closed_by"] == OTHER_END[client["closed_by"]]
    if not server_closes:  # else curl, having all it wants, may be as quick as nginx
        assert client["closed_by"] == "local"
    assert client["start_kind"] == server["start_kind"] == "seen"
    # curl's clock starts before its connect() and stops when it has seen the end.
    assert 0 < client["connect_us"] <= told["time_connect"] * 1e6
    assert client["connect_us"] < client["duration_us"]


def test_curl_upload(recording, tmp_path):
    port = free_port()
    body = os.urandom(BODY_BYTES)
    (tmp_path / "upload").write_bytes(body)
    with nginx(tmp_path, f"127.0.0.1:{port}", port):
        _, told, _ = curl("-H", "Expect:", "-T", f"{tmp_path}/upload",
                          f"http://127.0.0.1:{port}/stored")
    recording.stop()
    client, server = recording.both_ends(port)
    assert (tmp_path / "stored").read_bytes() == body
    assert told["size_upload"] == BODY_BYTES
    # Newer versions of curl count the body as part of the request.
    headers = told["size_request"] % BODY_BYTES
    assert client["bytes_sent"] == server["bytes_received"] == headers + BODY_BYTES
    assert client["bytes_received"] == server["bytes_sent"] == told["size_header"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_refused(recording, host):
    port = free_port(host)
    name = f"[{host}]" if ":" in host else host
    curl_pid, _, code = curl(f"http://{name}:{port}/")
    assert code == 7
    recording.stop()
    active, passive = recording.ends(port)
    assert len(active) == 1 and not passive
    row = active[0]
    assert (row["outcome"], row["error"], row["closed_by"]) == ("refused", "ECONNREFUSED", "peer")
    assert (row["pid"], row["comm"]) == (curl_pid, "curl")
    assert row["peer_address"] == host
    assert row["bytes_sent"] == row["bytes_received"] == 0
    assert row["established_us"] is None and row["connect_us"] is None
    assert row["rtt_samples"] == 0 and row["rtt_avg_us"] is None


def test_iperf3(recording):
    port = free_port()
    with running(["iperf3", "-s", "-1", "-B", "127.0.0.1", "-p", str(port)], port) as server:
        done = subprocess.run(["iperf3", "-c", "127.0.0.1", "-p", str(port), "-n", "50M", "-J"],
                              capture_output=True, check=True, timeout=60)
        told = json.loads(done.stdout)
        server_pid = server.pid
        server.wait(10)
    recording.stop()
    active, passive = recording.ends(port)
    assert len(active) == len(passive) == 2  # control and data
    data_out = max(active, key=lambda row: row["bytes_sent"])
    data_in = max(passive, key=lambda row: row["bytes_received"])
    # iperf3's server stops reading at the end of the test and so resets the
    # stream: what the sender still had queued was never sent, and the server's
    # kernel may hold more than iperf3 read. 37 bytes of cookie come first.
    read_by_server = told["end"]["sum_received"]["bytes"] + 37
    written_by_client = told["end"]["sum_sent"]["bytes"] + 37
    assert (read_by_server <= data_in["bytes_received"] <= data_out["bytes_sent"]
            <= written_by_client)
    # It asks the kernel before it closes; a last segment may be sent again after that.
    assert data_out["retrans_segs"] >= told["end"]["sum_sent"]["retransmits"]
    assert {row["pid"] for row in passive} == {server_pid}
    assert {row["comm"] for row in active + passive} == {"iperf3"}


def test_forking_server_is_owned_by_the_child_that_closed(recording):
    port = free_port()
    code = ("import os, socketserver\n"
            "class Handler(socketserver.BaseRequestHandler):\n"
            "    def handle(self):\n"
            "        self.request.recv(10)\n"
            "        self.request.sendall(str(os.getpid()).encode())\n"
            f"socketserver.ForkingTCPServer(('127.0.0.1', {port}), Handler).serve_forever()\n")
    with running([sys.executable, "-c", code], port) as parent:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"x")
            child_pid = int(client.recv(20))
            assert client.recv(20) == b""  # the server has closed
        parent_pid = parent.pid
    recording.stop()
    client, server = recording.both_ends(port)
    assert (client["closed_by"], server["closed_by"]) == ("peer", "local")
    assert child_pid != parent_pid
    assert (server["pid"], server["pid_source"]) == (child_pid, "closer")


def test_reset_by_this_end(recording):
    client, server, port = connected_pair()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    server.close()
    recording.stop()
    client_row, server_row = recording.both_ends(port)
    assert (client_row["outcome"], client_row["closed_by"], client_row["error"]) == (
        "reset", "local", None)
    assert (server_row["outcome"], server_row["closed_by"], server_row["error"]) == (
        "reset", "peer", "ECONNRESET")


def test_reset_after_the_own_fin(recording):
    client, server, port = connected_pair()
    client.shutdown(socket.SHUT_WR)
    assert server.recv(1) == b""
    server.sendall(b"never read")
    wait_until(lambda: bytes_waiting(client) == 10)
    client.close()
    server.close()
    recording.stop()
    client_row, server_row = recording.both_ends(port)
    assert (client_row["outcome"], client_row["closed_by"]) == ("reset", "local")
    assert (server_row["outcome"], server_row["closed_by"]) == ("reset", "peer")
    assert client_row["bytes_received"] == server_row["bytes_sent"] == 10


@pytest.mark.parametrize("first_closer", ["client", "server"])
def test_half_close(recording, first_closer):
    client, server, port = connected_pair()
    first, second = (client, server) if first_closer == "client" else (server, client)
    first.shutdown(socket.SHUT_WR)
    assert second.recv(1) == b""
    second.sendall(b"x" * 1000)
    second.close()
    assert len(receive_all(first)) == 1000
    first.close()
    recording.stop()
    rows = recording.both_ends(port)
    assert [row["outcome"] for row in rows] == ["closed", "closed"]
    ended_by = {"client": ["local", "peer"], "server": ["peer", "local"]}[first_closer]
    assert [row["closed_by"] for row in rows] == ended_by


def test_connected_to_itself(recording):
    with socket.socket() as lonely:
        lonely.bind(("127.0.0.1", 0))
        port = lonely.getsockname()[1]
        lonely.connect(lonely.getsockname())
        lonely.sendall(b"x" * 10)
        lonely.recv(10)
    recording.stop()
    (row,) = recording.rows("SELECT * FROM connection_log WHERE local_port = ?", port)
    assert (row["direction"], row["peer_port"], row["pid"]) == ("active", port, os.getpid())
    assert row["outcome"] == "closed" and row["bytes_sent"] == row["bytes_received"] == 10


def test_one_socket_refused_then_connected(recording):
    port = free_port()
    with socket.socket() as client:
        with pytest.raises(ConnectionRefusedError):
            client.connect(("127.0.0.1", port))
        with socket.create_server(("127.0.0.1", port)) as listener:
            client.connect(("127.0.0.1", port))
            listener.accept()[0].close()
    recording.stop()
    active, passive = recording.ends(port)
    assert [row["outcome"] for row in active] == ["refused", "closed"]
    assert [row["generation"] for row in active] == [1, 2]
    assert active[0]["cookie"] == active[1]["cookie"]
    assert len(passive) == 1


def test_an_open_connection_has_a_row(recording):
    client, server, port = connected_pair()
    exchange(client, server, b"a" * 1000, b"b" * 2000)
    recording.wait_for("SELECT count(*) = 2 FROM connections WHERE outcome = 'open' "
                       "AND ? IN (local_port, peer_port)", port)
    recording.stop()
    client_row, server_row = recording.both_ends(port)
    for row in (client_row, server_row):
        assert row["outcome"] == "open"
        assert row["closed_us"] is row["duration_us"] is row["closed_by"] is None
        assert row["pid"] == os.getpid()
        assert row["rtt_samples"] == recording.value(
            "SELECT count(*) FROM rtt_samples WHERE connection_id = ?", row["id"])
    client.close()
    server.close()


def test_every_state_is_an_event(recording):
    client, server, port = connected_pair()
    client.shutdown(socket.SHUT_WR)
    assert server.recv(1) == b""
    server.close()
    assert client.recv(1) == b""
    client.close()
    recording.stop()

    def story(direction):
        return [(row["kind"], row["new_state"]) for row in recording.rows(
            "SELECT kind, new_state FROM event_log WHERE direction = ? "
            "AND ? IN (local_port, peer_port) ORDER BY id", direction, port)]

    assert story("active") == [
        ("connect", "SYN_SENT"), ("established", "ESTABLISHED"), ("state", "FIN_WAIT1"),
        ("state", "FIN_WAIT2"), ("close", "CLOSE")]
    assert story("passive") == [
        ("accept", "ESTABLISHED"), ("state", "CLOSE_WAIT"), ("state", "LAST_ACK"),
        ("close", "CLOSE")]


def test_thousand_connections_in_sequence(recording):
    count = 1000
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        port = listener.getsockname()[1]
        for _ in range(count):
            with socket.create_connection(("127.0.0.1", port)) as client:
                server = listener.accept()[0]
                exchange(client, server, b"12345", b"123")
                server.close()
    recording.stop()
    active, passive = recording.ends(port)
    assert len(active) == len(passive) == count
    assert {row["outcome"] for row in active + passive} == {"closed"}
    assert {(row["bytes_sent"], row["bytes_received"]) for row in active} == {(5, 3)}
    assert {(row["bytes_sent"], row["bytes_received"]) for row in passive} == {(3, 5)}
    assert {row["pid"] for row in active + passive} == {os.getpid()}
    assert {row["local_port"] for row in active} == {row["peer_port"] for row in passive}
    assert recording.value("SELECT count(*) FROM loss_log WHERE cause <> 'netns'") == 0  # others'


def test_summaries_equal_their_samples(tmp_path, only_us):
    with Recording(tmp_path / "test.db", *only_us) as recording:
        for _ in range(20):
            client, server, _ = connected_pair()
            for size in (1, 100, 100_000):
                exchange(client, server, b"q", b"r" * size)
            client.close()
            server.close()
        recording.stop()
    assert recording.value("SELECT count(*) FROM connections WHERE rtt_samples > 0") >= 40
    assert recording.rows("""
        SELECT c.id FROM connections c
        LEFT JOIN (SELECT connection_id, min(rtt_us) lo, avg(rtt_us) mean, max(rtt_us) hi,
                          count(*) n
                   FROM rtt_samples GROUP BY 1) s ON s.connection_id = c.id
        WHERE c.rtt_min_us IS NOT s.lo OR c.rtt_sum_us * 1.0 / c.rtt_samples IS NOT s.mean
           OR c.rtt_max_us IS NOT s.hi OR c.rtt_samples != coalesce(s.n, 0)""") == []
    assert recording.value("SELECT count(*) FROM rtt_samples WHERE connection_id NOT IN "
                           "(SELECT id FROM connections)") == 0


def kernel_version():
    return tuple(int(part) for part in os.uname().release.split(".")[:2])


def test_rtt_is_measured_where_the_kernel_says_so(tmp_path, only_us):
    with Recording(tmp_path / "test.db", *only_us) as recording:
        client, server, _ = connected_pair()
        exchange(client, server, b"q", b"r")
        client.close()
        server.close()
        recording.stop()
    source = recording.value("SELECT rtt_source FROM recordings")
    if kernel_version() >= (6, 12):
        assert source == "measured"
    elif kernel_version() <= (6, 1):
        assert source == "rack"
    assert recording.value("SELECT min(rtt_us) >= 0 AND max(rtt_us) < 1000000 FROM rtt_samples")


def test_dropped_syn_is_retransmitted_then_times_out(recording):
    code = ("import socket, subprocess\n"
            "subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)\n"
            "subprocess.run(['nft', '-f', '-'], check=True, text=True, input='''\n"
            "table inet t { chain c { type filter hook input priority 0; tcp dport 81 drop; }; }\n"
            "''')\n"
            "client = socket.socket()\n"
            "client.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 1)\n"
            "try:\n"
            "    client.connect(('127.0.0.1', 81))\n"
            "except TimeoutError:\n"
            "    print('timed out')\n")
    code += "import os; print(os.getpid(), os.stat('/proc/self/ns/net').st_ino)"
    done = subprocess.run(["unshare", "--net", sys.executable, "-c", code],
                          capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("timed out\n"), done.stderr
    recording.stop()
    (row,) = recording.rows("SELECT * FROM connection_log WHERE pid = ? AND netns = ?",
                            *map(int, done.stdout.split()[-2:]))
    assert (row["outcome"], row["error"], row["closed_by"]) == ("timeout", "ETIMEDOUT", "unknown")
    kinds = [event["kind"] for event in recording.rows(
        "SELECT kind FROM event_log WHERE connection_id = ? ORDER BY id", row["id"])]
    retransmits = kinds.count("retransmit")  # how many, differs from kernel to kernel
    assert retransmits >= 1
    assert kinds == ["connect", *["rto", "retransmit"] * retransmits, "rto", "close"]
    assert (row["retrans_segs"], row["rtos"]) == (retransmits, retransmits + 1)


def test_owner_is_described(recording, tmp_path):
    port = free_port()
    with running([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "-d", str(tmp_path),
                  str(port)], port) as server:
        curl(f"http://127.0.0.1:{port}/")
        server_pid = server.pid
        recording.wait_for("SELECT count(*) FROM processes WHERE pid = ?", server_pid)
    recording.stop()
    (row,) = recording.rows("SELECT * FROM processes WHERE pid = ?", server_pid)
    assert row["cmdline"] == (f"{sys.executable} -m http.server --bind 127.0.0.1 -d {tmp_path} "
                              f"{port}")
    assert row["exe"] == os.path.realpath(sys.executable)
    assert row["uid"] == os.getuid() and row["parent_pid"] == os.getpid()


def test_only_the_given_cgroup_is_recorded(tmp_path, cgroup):
    with Recording(tmp_path / "test.db", "--cgroup", cgroup) as recording:
        inside, outside = free_port(), free_port()
        for port, join in ((inside, f"echo $$ > {cgroup}/cgroup.procs; "), (outside, "")):
            subprocess.run(["sh", "-c", f"{join}exec curl -s http://127.0.0.1:{port}/"],
                           check=False)
        recording.stop()
        rows = recording.rows("SELECT peer_port, cgroup_path FROM connection_log")
    assert rows == [{"peer_port": inside, "cgroup_path": "/" + os.path.basename(cgroup)}]


def test_killed_client_still_closes(recording):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client = subprocess.Popen(["curl", "-s", f"http://127.0.0.1:{port}/"])
        server, _ = listener.accept()
        client.send_signal(signal.SIGKILL)
        client.wait()
        while server.recv(65536):
            pass
        server.close()
    recording.stop()
    client_row, server_row = recording.both_ends(port)
    assert (client_row["outcome"], client_row["closed_by"]) == ("closed", "local")
    assert (server_row["outcome"], server_row["closed_by"]) == ("closed", "peer")
    assert client_row["pid"] == client.pid
