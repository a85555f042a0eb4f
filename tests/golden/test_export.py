# SPDX-License-Identifier: Apache-2.0
"""export: the lines are computed here from the rows of the fixture."""
import json
import sqlite3

import pytest

from files import rows, run
from query_driver import recording, run_query, make_file
from test_errors import check_failure

FIELDS = ("ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes "
          "resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes "
          "resp_pkts resp_ip_bytes tunnel_parents").split()
TYPES = ("time string addr port addr port enum string interval count count string bool bool count "
         "string count count count count set[string]").split()  # as Zeek 6 writes them
STATES = {1: "S1", 2: "REJ", 3: "OTH", 4: "SF", 5: "SF", 8: "RSTO", 14: "S0", 15: "S1", 16: "S0",
          17: "S0", 18: "S1", 20: "RSTO", 25: "OTH"}


def zeek(path, *arguments):
    lines = run("-r", path, "export", "--zeek", *arguments).stdout.decode().splitlines()
    return ([line for line in lines if line.startswith("#")],
            [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in lines
             if not line.startswith("#")])


def test_zeek_header(fixture_path):
    header, _ = zeek(fixture_path)
    assert header[0] == "#separator \\x09"
    assert header[1:5] == ["#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\tconn"]
    assert header[5].startswith("#open\t20") and header[8].startswith("#close\t20")
    assert header[6] == "\t".join(["#fields", *FIELDS])
    assert header[7] == "\t".join(["#types", *TYPES])


def seconds(us):
    return "-" if us is None else f"{us // 1_000_000}.{us % 1_000_000:06}"


def test_zeek_lines(fixture_path):
    _, lines = zeek(fixture_path)
    found = {int(line["uid"][1:]): line for line in lines}
    for (id, opened, local, lport, peer, pport, direction, duration, sent, received, segs_sent,
         segs_received, generation) in rows(
             fixture_path, "SELECT id, opened_us, local_address, local_port, peer_address, peer_port, "
             "direction, duration_us, bytes_sent, bytes_received, segs_sent, segs_received, generation "
             "FROM connection_log"):
        if generation == 0:
            assert id not in found
            continue
        orig = direction == "active" or direction == "unknown" and lport > pport
        ends = [(local, lport, sent, segs_sent), (peer, pport, received, segs_received)]
        (a, ap, ab, apk), (b, bp, bb, bpk) = ends if orig else ends[::-1]
        assert {**found[id], "conn_state": STATES.get(id)} == {
            "ts": seconds(opened), "uid": f"C{id}", "id.orig_h": a, "id.orig_p": str(ap),
            "id.resp_h": b, "id.resp_p": str(bp), "proto": "tcp", "service": "-",
            "duration": seconds(duration), "orig_bytes": str(ab), "resp_bytes": str(bb),
            "conn_state": STATES.get(id), "local_orig": "T" if orig else "F",
            "local_resp": "F" if orig else "T", "missed_bytes": "0", "history": "-",
            "orig_pkts": str(apk), "orig_ip_bytes": "-", "resp_pkts": str(bpk),
            "resp_ip_bytes": "-", "tunnel_parents": "-"}
    assert {id: found[id]["conn_state"] for id in STATES} == STATES
    assert [line["ts"] for line in lines] == sorted(line["ts"] for line in lines)


@pytest.mark.parametrize("peer, written", [
    ("10.0.0.1\n#close\t2026", r"10.0.0.1\x0a#close\x092026"), ("-", r"\x2d"), ("", "(empty)"),
    ("(empty)", r"\x28empty)"), ("a\\x41", r"a\x5cx41"), ("\u202e\u00e4\r", "\\xe2\\x80\\xae\u00e4\\x0d")])
def test_zeek_escapes(fixture_path, tmp_path, peer, written):
    """As Zeek's own writer does, so that it reads back the same text, and no line is forged."""
    path = tmp_path / "hostile.db"
    path.write_bytes(fixture_path.read_bytes())
    db = sqlite3.connect(path)
    db.execute("UPDATE connections SET peer_address = ? WHERE id = 4", [peer])
    db.commit()
    db.close()
    (line,) = [line for line in zeek(path)[1] if line["uid"] == "C4"]
    assert written in (line["id.orig_h"], line["id.resp_h"])
    assert len(zeek(path)[1]) == len(zeek(fixture_path)[1])


@pytest.mark.parametrize("direction, closed_by, state", [
    ("active", "local", "RSTO"), ("active", "peer", "RSTR"), ("passive", "local", "RSTR"),
    ("passive", "peer", "RSTO"), ("active", "unknown", "OTH")])
def test_who_reset(tmp_path, direction, closed_by, state):
    path = tmp_path / "reset.db"
    make_file(path, recording(0, 9, "stopped") + f"""
        INSERT INTO connections (id, recording_id, cookie, generation, direction, pid_source, start_kind,
                                 opened_us, established_us, closed_us, outcome, closed_by)
        VALUES (1, 1, 1, 1, '{direction}', 'unknown', 'seen', 1, 2, 3, 'reset', '{closed_by}');""")
    assert zeek(path)[1][0]["conn_state"] == state


def test_window_and_filter(fixture_path):
    _, lines = zeek(fixture_path, "-b", "2026-11-21 14:05", "-e", "2026-11-21 14:07")
    assert sorted(line["uid"] for line in lines) == ["C11", "C14", "C15", "C3"]
    _, lines = zeek(fixture_path, "-c", "sshd")
    assert [line["uid"] for line in lines] == ["C3"]


def test_opentelemetry(fixture_path):
    lines = [json.loads(line) for line in run(
        "-r", fixture_path, "export", "--ndjson").stdout.decode().splitlines()]
    assert len(lines) == 28
    refused = next(line for line in lines if line["ctrack.connection.id"] == 2)
    assert refused == {
        "timestamp": "2026-11-20T09:05:00.000000Z", "host.name": "web1",
        "host.id": "6d1cf2ab5e3f4b0c9a7e8d1f2c3b4a59", "network.transport": "tcp",
        "network.type": "ipv4", "network.local.address": "10.0.0.5", "network.local.port": 50002,
        "network.peer.address": "10.0.0.20", "network.peer.port": 8080, "client.address": "10.0.0.5",
        "client.port": 50002, "server.address": "10.0.0.20", "server.port": 8080, "process.pid": 655,
        "process.executable.name": "curl", "process.executable.path": "/usr/bin/curl",
        "process.command_line": "curl -s http://10.0.0.20:8080/health", "process.user.id": 1000,
        "process.linux.cgroup": "/user.slice/user-1000.slice/session-3.scope",
        "error.type": "ECONNREFUSED", "ctrack.connection.id": 2, "ctrack.direction": "active",
        "ctrack.outcome": "refused", "ctrack.closed_by": "peer",
        "ctrack.systemd.unit": "session-3.scope", "ctrack.opened_us": 1795165500000000,
        "ctrack.closed_us": 1795165500000287, "ctrack.duration_us": 287, "ctrack.bytes_sent": 0,
        "ctrack.bytes_received": 0, "ctrack.retrans_segs": 0, "ctrack.rtt_samples": 0}


def test_usage(fixture_path):
    check_failure(run_query("-r", fixture_path, "export"), 2, "--zeek and --ndjson")
    check_failure(run_query("-r", fixture_path, "export", "--zeek", "--ndjson"), 2, "one of")
    check_failure(run_query("-r", fixture_path, "export", "--zeek", "-n", "5"), 2, "-n")
    check_failure(run_query("-r", fixture_path, "connections", "--zeek"), 2, "--zeek")
