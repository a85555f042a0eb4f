# SPDX-License-Identifier: Apache-2.0
"""Filters against the same tests done in Python on the rows of the fixture."""
import errno
import fnmatch
import ipaddress
import json
import re
import sqlite3

import pytest

from query_driver import Query, recording, run_query
from test_errors import check_failure

SECOND = 1_000_000
START = 1795266000 * SECOND  # of the second recording: 2026-11-21 14:00 in Berlin


def rows_of(path, table):
    """The rows of a table, each as a dictionary with its owner and its place."""
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    owners = {row["id"]: row for row in db.execute("SELECT * FROM processes")}
    places = {row["id"]: row for row in db.execute("SELECT * FROM cgroups")}
    hosts = {row["id"]: row["hostname"] for row in db.execute("SELECT * FROM recordings")}
    rows = []
    for row in map(dict, db.execute(f"SELECT * FROM {table} ORDER BY id")):
        owner, place = owners[row["process_id"]], places[row["cgroup_id"]]
        row.update({name: owner[name] for name in ("pid", "comm", "exe", "cmdline")})
        row.update({name: place[name] for name in ("path", "container_id", "systemd_unit",
                                                   "systemd_slice", "systemd_user_unit")})
        row["socket_path"] = places[row.get("socket_cgroup_id") or row["cgroup_id"]]["path"]
        row["hostname"] = hosts[row["recording_id"]]
        rows.append(row)
    db.close()
    return rows


@pytest.fixture(scope="session")
def connections(fixture_path):
    return rows_of(fixture_path, "connections JOIN (SELECT id AS log_id, rtt_avg_us, connect_us, "
                                 "duration_us FROM connection_log) ON log_id = id")


def ids(query, report, *arguments):
    result = query(report, "-o", "json", "-n", "0", *arguments)
    assert result.returncode == 0, result.stderr
    return sorted(row["id"] for row in json.loads(result.stdout))


def within(address, network):
    return address is not None and ipaddress.ip_address(address) in ipaddress.ip_network(network)


def waited(row, by_active, by_passive):
    """The longest wait for one end: for the peer if this end is by_active's side of it, and so on.
    One that goes on lasts until the end of the recording, which is the second one here."""
    end = {"active": by_active, "passive": by_passive}.get(row["direction"])
    goes_on = row["waits_for"] is not None and row["waits_for"] == end
    ago = row["sent_ago_us" if end == "peer" else "received_ago_us"]
    return end and max(row[f"wait_for_{end}_us"],
                       goes_on and START + 1800 * SECOND - row["counters_us"] + ago)


def holds(test):
    """A test of something unknown does not hold."""
    def tested(row):
        try:
            return bool(test(row))
        except TypeError:
            return False
    return tested


def is_failed(row):
    return row["outcome"] in ("refused", "timeout", "unreachable", "reset", "aborted")


# A filter, and what it means. Each takes some connections and leaves some.
FILTERS = {
    "pid 950": lambda c: c["pid"] == 950,
    "pid = 950": lambda c: c["pid"] == 950,
    "pid == 950": lambda c: c["pid"] == 950,
    "pid != 950": lambda c: c["pid"] != 950,
    "not pid 950": lambda c: c["pid"] != 950,
    "pid in 950,801": lambda c: c["pid"] in (950, 801),
    "pid not in 950,801": lambda c: c["pid"] not in (950, 801),
    "pid in (950 801)": lambda c: c["pid"] in (950, 801),
    "pid in [950, 801]": lambda c: c["pid"] in (950, 801),
    "pid >= 1000": lambda c: c["pid"] >= 1000,
    "pid 800-802": lambda c: 800 <= c["pid"] <= 802,
    "comm nginx": lambda c: c["comm"] == "nginx",
    "comm != nginx": lambda c: c["comm"] != "nginx",
    "comm = *s*": lambda c: c["comm"] and fnmatch.fnmatchcase(c["comm"], "*s*"),
    "comm = ?url": lambda c: c["comm"] and fnmatch.fnmatchcase(c["comm"], "?url"),
    "comm ~ ^n": lambda c: re.search("^n", c["comm"]),
    "comm ~ s": lambda c: "s" in c["comm"],
    "comm !~ s": lambda c: not (c["comm"] and "s" in c["comm"]),
    "comm ~ '(?i)^(NGINX|curl)$'": lambda c: c["comm"] in ("nginx", "curl"),
    "comm in nginx,curl": lambda c: c["comm"] in ("nginx", "curl"),
    "exe = /usr/bin/curl": lambda c: c["exe"] == "/usr/bin/curl",
    "exe ~ /sbin/": lambda c: "/sbin/" in c["exe"],
    'cmdline "nginx: worker process"': lambda c: c["cmdline"] == "nginx: worker process",
    'cmdline ~ "https?://"': lambda c: re.search("https?://", c["cmdline"]),
    "cmdline ~ käse": lambda c: "käse" in c["cmdline"],
    "uid 0": lambda c: c["uid"] == 0,
    "uid < 1000": lambda c: c["uid"] < 1000,
    "unit nginx": lambda c: c["systemd_unit"] == "nginx.service",
    "unit nginx.service": lambda c: c["systemd_unit"] == "nginx.service",
    "unit = session-*": lambda c: c["systemd_unit"].startswith("session-") if c["systemd_unit"] else 0,
    "unit ~ scope": lambda c: "scope" in c["systemd_unit"],
    "container 3f3f3f": lambda c: c["container_id"] and c["container_id"].startswith("3f3f3f"),
    "cgroup /system.slice/nginx.service": lambda c: c["path"] == "/system.slice/nginx.service",
    "cgroup = /user.slice/*": lambda c: c["path"] and c["path"].startswith("/user.slice/"),
    "user_unit fetch": lambda c: c["systemd_user_unit"] == "fetch.service",
    "socket_cgroup /system.slice/ssh.socket":
        lambda c: c["socket_path"] == "/system.slice/ssh.socket",
    "socket_cgroup ~ nginx": lambda c: "nginx" in c["socket_path"],
    "interface eth1": lambda c: c["interface"] == "eth1",
    "requested 10.96.0.0/16": lambda c: within(c["requested_address"], "10.96.0.0/16"),
    "nat_local 192.0.2.1": lambda c: c["nat_local_address"] == "192.0.2.1",
    "nat_peer in 10.1.0.0/16": lambda c: within(c["nat_peer_address"], "10.1.0.0/16"),
    "local 127.0.0.1": lambda c: c["local_address"] == "127.0.0.1",
    "local ::ffff:127.0.0.1": lambda c: c["local_address"] == "127.0.0.1",
    "local address 127.0.0.1": lambda c: c["local_address"] == "127.0.0.1",
    "local_address = 127.0.0.1": lambda c: c["local_address"] == "127.0.0.1",
    "local in 2001:db8::/32": lambda c: within(c["local_address"], "2001:db8::/32"),
    "peer in 10.0.0.0/8": lambda c: within(c["peer_address"], "10.0.0.0/8"),
    "peer 10.0.0.0/8": lambda c: within(c["peer_address"], "10.0.0.0/8"),
    "peer = 10.0.0.0/27": lambda c: within(c["peer_address"], "10.0.0.0/27"),
    "peer in ::ffff:10.0.0.0/104": lambda c: within(c["peer_address"], "10.0.0.0/8"),
    "peer not in 10.0.0.0/8": lambda c: not within(c["peer_address"], "10.0.0.0/8"),
    "peer in 10.0.0.0/8,192.0.2.0/24": lambda c: within(c["peer_address"], "10.0.0.0/8")
    or within(c["peer_address"], "192.0.2.0/24"),
    "peer != 127.0.0.1": lambda c: c["peer_address"] != "127.0.0.1",
    "peer 2001:DB8:1:0:0:0:0:42": lambda c: c["peer_address"] == "2001:db8:1::42",
    "peer in ::/0": lambda c: True,
    "peer in 0.0.0.0/0": lambda c: c["family"] == 4,
    "host 10.0.0.5": lambda c: "10.0.0.5" in (c["local_address"], c["peer_address"]),
    "address in 172.17.0.0/16": lambda c: within(c["local_address"], "172.17.0.0/16")
    or within(c["peer_address"], "172.17.0.0/16"),
    "peer 10.0.0.30:5432": lambda c: (c["peer_address"], c["peer_port"]) == ("10.0.0.30", 5432),
    "peer in 10.0.0.0/8:5432,198.51.100.7:40313": lambda c: within(c["peer_address"], "10.0.0.0/8")
    and c["peer_port"] == 5432 or (c["peer_address"], c["peer_port"]) == ("198.51.100.7", 40313),
    "local [2001:db8::5]:443": lambda c: (c["local_address"], c["local_port"]) == ("2001:db8::5", 443),
    "address in ([2001:DB8::5]:443, 10.0.0.5:22)": lambda c: {("2001:db8::5", 443), ("10.0.0.5", 22)} & {
        (c["local_address"], c["local_port"]), (c["peer_address"], c["peer_port"])},
    "address 127.0.0.1:9000 and not local 127.0.0.1:9000": lambda c: c["peer_port"] == 9000,
    "port 80": lambda c: 80 in (c["local_port"], c["peer_port"]),
    "port != 80": lambda c: 80 not in (c["local_port"], c["peer_port"]),
    "port in 80,443": lambda c: {80, 443} & {c["local_port"], c["peer_port"]},
    "port in 80,8000-8999": lambda c: any(p == 80 or p and 8000 <= p <= 8999
                                          for p in (c["local_port"], c["peer_port"])),
    "port https": lambda c: 443 in (c["local_port"], c["peer_port"]),
    "port in https,8080": lambda c: {443, 8080} & {c["local_port"], c["peer_port"]},
    "sport 80": lambda c: c["local_port"] == 80,
    "src port 80": lambda c: c["local_port"] == 80,
    "dst port 80": lambda c: c["peer_port"] == 80,
    "dport 80": lambda c: c["peer_port"] == 80,
    "src 127.0.0.1": lambda c: c["local_address"] == "127.0.0.1",
    "src host 127.0.0.1": lambda c: c["local_address"] == "127.0.0.1",
    "dst 10.0.0.30": lambda c: c["peer_address"] == "10.0.0.30",
    "dst host 10.0.0.30": lambda c: c["peer_address"] == "10.0.0.30",
    "net 172.17.0.0/16": lambda c: within(c["local_address"], "172.17.0.0/16")
    or within(c["peer_address"], "172.17.0.0/16"),
    "local port 80": lambda c: c["local_port"] == 80,
    "local_port = 80": lambda c: c["local_port"] == 80,
    "peer port 80": lambda c: c["peer_port"] == 80,
    "peer port > 40000": lambda c: c["peer_port"] > 40000,
    "peer_port <= 443": lambda c: c["peer_port"] <= 443,
    "family ipv6": lambda c: c["family"] == 6,
    "family 4": lambda c: c["family"] == 4,
    "ipv4": lambda c: c["family"] == 4,
    "ipv6": lambda c: c["family"] == 6,
    "netns 4026532290": lambda c: c["netns"] == 4026532290,
    "hostname web1": lambda c: c["hostname"] == "web1",
    "hostname ~ 2": lambda c: "2" in c["hostname"],
    "direction active": lambda c: c["direction"] == "active",
    "direction != active": lambda c: c["direction"] != "active",
    "outcome closed": lambda c: c["outcome"] == "closed",
    "outcome in refused,timeout": lambda c: c["outcome"] in ("refused", "timeout"),
    "outcome failed": is_failed,
    "state open": lambda c: c["outcome"] == "open",
    "open": lambda c: c["outcome"] == "open",
    "failed": is_failed,
    "not failed": lambda c: not is_failed(c),
    "error ECONNREFUSED": lambda c: c["errno"] == errno.ECONNREFUSED,
    "errno 110": lambda c: c["errno"] == 110,
    "errno = 0": lambda c: c["errno"] == 0,
    "closed_by peer": lambda c: c["closed_by"] == "peer",
    "closed_by in local,both": lambda c: c["closed_by"] in ("local", "both"),
    "rtt > 50ms": lambda c: c["rtt_avg_us"] > 50_000,
    "rtt > 50 ms": lambda c: c["rtt_avg_us"] > 50_000,
    "bytes > 10 MiB or sent 0": lambda c: c["bytes_sent"] + c["bytes_received"] > 10 << 20 or c["bytes_sent"] == 0,
    "rtt <= 350us": lambda c: c["rtt_avg_us"] <= 350,
    "not rtt > 50ms": lambda c: not (c["rtt_avg_us"] or 0) > 50_000,
    "rtt 10ms-60ms": lambda c: 10_000 <= c["rtt_avg_us"] <= 60_000,
    "rtt_min < 0.1ms": lambda c: c["rtt_min_us"] < 100,
    "rtt_max >= 71440us": lambda c: c["rtt_max_us"] >= 71440,
    "connect > 1ms": lambda c: c["connect_us"] > 1000,
    "handshake = 318us": lambda c: c["connect_us"] == 318,
    "duration > 1m": lambda c: c["duration_us"] > 60 * SECOND,
    "duration < 0.5s": lambda c: c["duration_us"] < SECOND / 2,
    "bytes > 10MiB": lambda c: c["bytes_sent"] + c["bytes_received"] > 10 << 20,
    "bytes = 0": lambda c: c["bytes_sent"] + c["bytes_received"] == 0,
    "sent > 100kB": lambda c: c["bytes_sent"] > 100_000,
    "received >= 1.5KiB": lambda c: c["bytes_received"] >= 1536,
    "retrans > 0": lambda c: c["retrans_segs"] > 0,
    "rtos 2": lambda c: c["rtos"] == 2,
    "busy > 10s": lambda c: c["busy_us"] > 10 * SECOND,
    "limited > 0us": lambda c: c["rwnd_limited_us"] + c["sndbuf_limited_us"] > 0,
    "rwnd_limited >= 2s": lambda c: c["rwnd_limited_us"] >= 2 * SECOND,
    "sndbuf_limited 410ms": lambda c: c["sndbuf_limited_us"] == 410_000,
    "wait > 180ms": lambda c: (waited(c, "peer", "local") or 0) > 180_000,
    "wait > 6900ms and wait < 7100ms": lambda c: c["id"] == 11,
    "idle > 1m": lambda c: (waited(c, "local", "peer") or 0) > 60 * SECOND,
    "not idle > 1m": lambda c: not (waited(c, "local", "peer") or 0) > 60 * SECOND,
    "waits_for peer": lambda c: c["waits_for"] == "peer",
    "waits_for != local": lambda c: c["waits_for"] != "local",
    'opened >= "2026-11-21 14:02:00"': lambda c: c["opened_us"] >= START + 120 * SECOND,
    "opened < 2026-11-21T13:02:00Z": lambda c: c["opened_us"] < START + 120 * SECOND,
    "closed < 1795266012": lambda c: c["closed_us"] < START + 12 * SECOND,
    # put together
    "comm nginx or comm curl": lambda c: c["comm"] in ("nginx", "curl"),
    "comm nginx || pid 950": lambda c: c["comm"] == "nginx" or c["pid"] == 950,
    "comm nginx and not failed and port 80": lambda c: c["comm"] == "nginx" and not is_failed(c)
    and 80 in (c["local_port"], c["peer_port"]),
    "pid 950 or comm nginx and failed": lambda c: c["pid"] == 950
    or c["comm"] == "nginx" and is_failed(c),
    "(pid 950 or comm nginx) and failed": lambda c: c["pid"] in (950, 801, 802) and is_failed(c),
    "!(pid 950 || comm nginx) && !failed": lambda c: not (c["pid"] in (950, 801, 802)
                                                        or is_failed(c)),
    "not not failed": is_failed,
    "NOT failed AND (open OR ipv6)": lambda c: not is_failed(c)
    and (c["outcome"] == "open" or c["family"] == 6),
    "peer in 10.0.0.0/8 and port 6379 and rtt > 100us and comm ~ py": lambda c:
        within(c["peer_address"], "10.0.0.0/8") and c["peer_port"] == 6379
        and c["rtt_avg_us"] > 100 and "py" in (c["comm"] or ""),
}


@pytest.mark.parametrize("text", FILTERS)
def test_filter(query, connections, text):
    expected = [c["id"] for c in connections if holds(FILTERS[text])(c)]
    assert ids(query, "connections", text) == expected
    assert expected or "hostname" in text


def test_every_field_is_tested():
    usage = run_query("help", "filter").stdout.decode()
    fields = re.findall(r"^  ([a-z_]+(?: port)?)  +(?:number|text|address|port|word|time|size|moment) ",
                        usage.split("Fields:")[1], re.MULTILINE)
    assert len(fields) > 30
    untested = [name for name in fields if not any(text.startswith(name) for text in FILTERS)]
    assert untested == ["slice"]  # the fixture has none: see below


def test_slice(fixture_path, new_file):
    path = new_file()
    source, copy = sqlite3.connect(fixture_path), sqlite3.connect(path)
    source.backup(copy)
    copy.execute("UPDATE cgroups SET systemd_slice = 'system.slice' WHERE id = 2")
    copy.commit()
    copy.close()
    source.close()
    result = run_query("-r", path, "connections", "slice system.slice", "-o", "json")
    assert sorted({row["pid"] for row in json.loads(result.stdout)}) == [801, 802]


def addresses_in_hosts(name):
    """What /etc/hosts says the name stands for."""
    with open("/etc/hosts", encoding="utf-8") as hosts:
        lines = [line.partition("#")[0].split() for line in hosts]
    return {line[0] for line in lines if name in line[1:]}


def test_name_of_a_host(query, connections):
    """Whatever resolver there is, names are those of /etc/hosts alone."""
    addresses = addresses_in_hosts("localhost")
    expected = [c["id"] for c in connections if c["peer_address"] in addresses]
    assert expected
    assert ids(query, "connections", "--peer", "LocalHost") == expected
    assert ids(query, "connections", "peer in localhost,127.0.0.1") == expected
    check_failure(query("connections", "--peer", "no.such.host"), 2, "bad --peer 'no.such.host': expected",
                  "a name in /etc/hosts (no name server is asked)")


def test_no_such_service(query):
    check_failure(query("connections", "-P", "nosuchservice"), 2, "bad -P 'nosuchservice'", "a service as https")


@pytest.mark.parametrize("word, meant", [
    ("nginx", "'comm nginx'"), ("443", "'port 443'"), ("10.0.0.0/8", "'address 10.0.0.0/8'"),
    ("fe80::1%eth0", "'address fe80::1%eth0'"), ("prot", "port")])
def test_a_word_alone(query, word, meant):
    check_failure(query("slowest", word), 2, f"found '{word}', expected a field: did you mean {meant}?")


def test_an_end_of_a_listener(query, fixture_path):
    expected = [l["id"] for l in rows_of(fixture_path, "listeners")
                if (l["local_address"], l["local_port"]) == ("0.0.0.0", 80)]
    assert ids(query, "listeners", "--local", "0.0.0.0:80") == expected != []
    check_failure(query("listeners", "--peer", "10.0.0.1:80"), 2, "listeners has no peer to filter by")


def test_link_local(fixture_path, new_file):
    """The same address at two interfaces; one interface had gone before its name was known."""
    path = new_file()
    source, copy = sqlite3.connect(fixture_path), sqlite3.connect(path)
    source.backup(copy)
    copy.execute("UPDATE connections SET family = 6, peer_address = 'fe80::1', ifindex = id WHERE id < 4")
    copy.execute("UPDATE connections SET interface = 'eth0' WHERE id = 1")
    copy.execute("UPDATE connections SET interface = 'eth1' WHERE id = 2")
    copy.execute("UPDATE listeners SET local_address = 'fe80::5', ifindex = 1, interface = 'eth0' WHERE id = 1")
    copy.commit()
    copy.close()
    source.close()
    query = Query(path)
    assert ids(query, "connections", "peer = fe80::1%eth0") == [1]
    assert ids(query, "connections", "--peer", "FE80:0::1%eth1") == [2]
    assert ids(query, "connections", "address fe80::1%3") == [3]
    assert ids(query, "connections", "peer fe80::1") == [1, 2, 3]
    end = json.loads(query("connections", "-o", "json", "peer fe80::1%eth0").stdout)[0]["peer"]
    assert end.startswith("[fe80::1%eth0]:")
    assert ids(query, "connections", f"peer {end}") == ids(query, "connections", "--peer", end) == [1]
    assert ids(query, "listeners", "local fe80::5%eth0") == [1]
    for text in ("fe80::1%", "%eth0", "fe80::/10%eth0"):
        check_failure(query("connections", "--peer", text), 2, f"bad --peer '{text}'", "fe80::1%eth0")


def test_words_need_no_quotes(query):
    assert ids(query, "connections", "peer", "in", "10.0.0.0/8", "and", "failed") == ids(
        query, "connections", "peer in 10.0.0.0/8 and failed")


OPTIONS = [
    (("-p", 950), "pid 950"),
    (("-p", "950,801"), "pid in 950,801"),
    (("-p", 950, "-p", 801), "pid in 950,801"),
    (("--pid=950",), "pid 950"),
    (("-c", "nginx"), "comm nginx"),
    (("-c", "*s*"), "comm = *s*"),
    (("-c", "nginx", "-c", "curl"), "comm in nginx,curl"),
    (("-c", "nginx,curl"), "comm in nginx,curl"),
    (("-L", 80), "local port 80"),
    (("-D", 80), "peer port 80"),
    (("-D", "1-443"), "peer_port <= 443"),
    (("-P", "80,443"), "port in 80,443"),
    (("-P", "https"), "port https"),
    (("-P", "https,8080"), "port in https,8080"),
    (("-P", "80", "-P", "8000-8999"), "port in 80,8000-8999"),
    (("-4",), "ipv4"),
    (("-6",), "ipv6"),
    (("--peer", "10.0.0.0/8"), "peer in 10.0.0.0/8"),
    (("--peer", "::ffff:10.0.0.0/104"), "peer in 10.0.0.0/8"),
    (("--peer", "10.0.0.0/8", "--peer", "192.0.2.0/24"), "peer in 10.0.0.0/8,192.0.2.0/24"),
    (("--local", "2001:db8::/32"), "local in 2001:db8::/32"),
    (("--local", "127.0.0.1"), "local 127.0.0.1"),
    (("--container", "3f3f3f"), "container 3f3f3f"),
    (("--unit", "nginx"), "unit nginx"),
    (("--unit", "session-*"), "unit = session-*"),
    (("--outcome", "refused,timeout"), "outcome in refused,timeout"),
    (("--outcome", "failed"), "failed"),
    (("-p", "950,801", "-p", "802", "--outcome", "failed"), "(pid 950 or comm nginx) and failed"),
    (("--peer", "10.0.0.0/8", "-P", "6379", "-c", "py*", "rtt > 100us"),
     "peer in 10.0.0.0/8 and port 6379 and rtt > 100us and comm ~ py")]


@pytest.mark.parametrize("arguments, same", OPTIONS, ids=str)
def test_option(query, connections, arguments, same):
    expected = [c["id"] for c in connections if holds(FILTERS[same])(c)]
    assert ids(query, "connections", *arguments) == expected


def test_the_name_of_a_program_may_contain_a_comma(new_file):
    path = new_file(recording(0, 9, "stopped") + "".join(f"""
        INSERT INTO processes (id, pid, comm) VALUES ({i}, {i}, '{comm}');
        INSERT INTO connections (id, recording_id, cookie, generation, direction, process_id,
                                 pid_source, start_kind, opened_us, outcome)
        VALUES ({i}, 1, {i}, 1, 'active', {i}, 'connect', 'seen', 1, 'open');"""
        for i, comm in enumerate(["a", "b", "a,b", "b,a", "ab"], 1)))
    assert ids(Query(path), "connections", "-c", "a,b") == [1, 2, 3]
    assert ids(Query(path), "connections", "-c", "b,a") == [1, 2, 4]
    assert ids(Query(path), "connections", "-c", "a") == [1]
    assert ids(Query(path), "connections", "comm = 'a,b'") == [3]


def test_both_families_are_no_restriction(query, connections):
    assert ids(query, "connections", "-4", "-6") == [c["id"] for c in connections]


@pytest.mark.parametrize("report, kept", [
    ("slowest", lambda c: c["rtt_samples"] > 0), ("failures", is_failed),
    ("active", lambda c: c["outcome"] == "open" and c["recording_id"] == 2)])
def test_reports_of_connections(query, connections, report, kept):
    expected = [c["id"] for c in connections if kept(c) and within(c["peer_address"], "10.0.0.0/8")]
    assert ids(query, report, "--peer", "10.0.0.0/8") == expected != []


def test_reports_of_groups(query, connections):
    chosen = [c for c in connections if c["pid"] in (801, 802)]
    for report in ("top-talkers", "processes", "summary"):
        rows = json.loads(query(report, "-c", "nginx", "-o", "json").stdout)
        assert sum(row["connections"] for row in rows) == len(chosen)
        assert sum(row["bytes_sent"] for row in rows) == sum(c["bytes_sent"] for c in chosen)


def test_events_and_samples_are_those_of_the_connections(query, fixture_path):
    db = sqlite3.connect(fixture_path)
    events = [row[0] for row in db.execute("SELECT id FROM events WHERE connection_id = 11 "
                                           "AND kind <> 8")]
    samples = db.execute("SELECT count(*) FROM rtt_samples WHERE connection_id = 11").fetchone()[0]
    db.close()
    assert ids(query, "events", "peer port 5432 and open") == events
    rows = json.loads(query("rtt", "peer port 5432 and open", "-o", "json").stdout)
    assert sum(row["samples"] for row in rows) == samples
    summary = json.loads(query("summary", "peer port 5432 and open", "-o", "json").stdout)[0]
    assert (summary["events"], summary["rtt_samples_stored"]) == (len(events) + 1, samples)


def test_a_pair_is_taken_for_either_end(query):
    def pairs(*arguments):
        rows = json.loads(query("pairs", "-o", "json", *arguments).stdout)
        return sorted((row["client_id"], row["server_id"]) for row in rows)
    assert pairs("-p", 970) == pairs("comm postgres") == [(25, 26)]
    assert pairs("pid 950 and local port 45900") == [(25, 26)]
    assert pairs("-c", "nobody") == []


def test_listeners(query, fixture_path):
    listeners = rows_of(fixture_path, "listeners")
    for arguments, kept in [(("-P", "80,9000"), lambda l: l["local_port"] in (80, 9000)),
                            (("-c", "nginx"), lambda l: l["comm"] == "nginx"),
                            (("-6",), lambda l: l["family"] == 6),
                            (("local 127.0.0.1",), lambda l: l["local_address"] == "127.0.0.1"),
                            (("--unit", "php8.2-fpm.service"), lambda l: l["pid"] == 930),
                            (("opened > 1795266005",), lambda l: l["start_kind"] == "seen")]:
        expected = [l["id"] for l in listeners if kept(l)]
        assert ids(query, "listeners", *arguments) == expected != []
    check_failure(query("listeners", "rtt > 5ms"), 2, "listeners has no rtt")
    check_failure(query("listeners", "--peer", "10.0.0.1"), 2, "listeners has no peer")


def test_accepted_is_counted_whatever_the_filter(query):
    rows = {row["id"]: row["accepted"] for row in json.loads(query("listeners", "-o", "json").stdout)}
    for row in json.loads(query("listeners", "-o", "json", "local ::").stdout):
        assert row["accepted"] == rows[row["id"]]


def test_sql_takes_a_filter_if_it_reads_a_chosen_view(query):
    sql = "SELECT count(*) AS n FROM chosen_connections"
    assert query("sql", sql, "-o", "csv", "-p", 950).stdout == b"n\r\n5\r\n"
    assert query("sql", sql, "pid 950 and open", "-o", "csv").stdout == b"n\r\n1\r\n"
    for words in (["-p", 950], ["pid 950"]):
        check_failure(query("sql", "SELECT id FROM connections", *words), 2,
                      "this SQL reads no chosen_* view, so the filter would change nothing: "
                      "read chosen_connections instead of connections")


def test_sql_functions(query):
    sql = ("SELECT count(*) AS n FROM connections "
           "WHERE in_network(peer_address, '10.0.0.0/8') AND local_address REGEXP '^10[.]'")
    assert query("sql", sql, "-o", "csv").stdout == b"n\r\n8\r\n"
    check_failure(query("sql", "SELECT in_network('::1', 'x')"), 1, "'x' is no network")
    check_failure(query("sql", "SELECT 'a' REGEXP '('"), 1, "bad regular expression")


@pytest.mark.parametrize("text, words", [
    ("fastest", ["at character 1", "found 'fastest'", "expected a field"]),
    ("prot 443", ["did you mean port?"]),
    ("pid 5 and prot 443", ["at character 11", "did you mean port?"]),
    ("cmdline ~ käse and prot 443", ["at character 20"]),
    ("port", ["at character 5", "found the end", "a value of port"]),
    ("port >", ["at character 7", "found the end"]),
    ("port 70000", ["at character 6", "'70000'", "65535"]),
    ("port 90-80", ["lower end"]),
    ("port 443 443", ["at character 10", "'and', 'or' or the end"]),
    ("port 443 and", ["at character 13", "expected a field"]),
    ("(port 443", ["at character 10", "expected ')'"]),
    ("port 443)", ["at character 9", "found ')'"]),
    ("port in (80 443", ["found the end"]),
    ("port not 80", ["expected 'in'"]),
    ("port 443 & ipv4", ["at character 10", "'&&'"]),
    ("cmdline ~ 'x", ["at character 11", "not closed"]),
    ("rtt > 50", ["at character 7", "'50'", "50ms"]),
    ("rtt > 50 and ipv4", ["'50'", "50ms"]),
    ("bytes > 5parsecs", ["10MiB"]),
    ("pid abc", ["a whole number"]),
    ("comm > a", ["comm has no order"]),
    ("rtt ~ 5", ["rtt is no text"]),
    ("peer ~ 10", ["peer is no text"]),
    ("comm ~ '('", ["a regular expression", "missing"]),
    ("peer 10.0.0.300", ["an address or network"]),
    ("peer 10.0.0.0/33", ["an address or network"]),
    ("outcome refusd", ["refused, timeout"]),
    ("direction up", ["active, passive, unknown"]),
    ("error EFOO", ["ECONNREFUSED"]),
    ("family 5", ["ipv4, ipv6"]),
    ("opened > noon", ["a time", "bad time 'noon'"]),
    ("!" * 21 + "ipv4", ["more than 20"]),
    ("(" * 60 + "ipv4" + ")" * 60, ["more than 20"]),
    (" or ".join(["ipv4"] * 1001), ["more than 1000"]),
])
def test_errors(query, text, words):
    check_failure(query("connections", text), 2, "bad filter", *words)


@pytest.mark.parametrize("arguments, words", [
    (("-p", "x"), ["bad -p 'x'", "a whole number"]),
    (("-p", ""), ["bad -p ''"]),
    (("-P", "80,,443"), ["bad -P '80,,443'", "none is there beside a comma"]),
    (("-c", ""), ["bad -c ''", "none is there"]),
    (("-c", "nginx,"), ["bad -c 'nginx,'", "beside a comma"]),
    (("--unit", ""), ["bad --unit ''"]),
    (("--container", ""), ["bad --container ''"]),
    (("--peer", "10.0.0.300"), ["bad --peer '10.0.0.300'", "10.0.0.0/8"]),
    (("--outcome", "bad"), ["bad --outcome 'bad'", "refused"]),
    (("-p",), ["--pid"])])
def test_bad_options(query, arguments, words):
    check_failure(query("connections", *arguments), 2, *words)


@pytest.mark.parametrize("report", ["losses", "info"])
def test_reports_without_connections_take_no_filter(query, report):
    check_failure(query(report, "-p", 1), 2, f"{report} takes no filter", "-p")
    check_failure(query(report, "ipv4"), 2, f"{report} takes no filter", "the filter")


@pytest.mark.parametrize("text", [
    "(" * 19 + "ipv4" + ")" * 19, "!" * 18 + "ipv4", "not (" * 9 + "ipv4" + ")" * 9 + " or port 1",
    "ipv4 and (port != 1 or " * 9 + "port 80" + ")" * 9])
def test_as_deep_as_is_allowed(query, text):
    assert query("connections", text).returncode == 0


def test_too_much_for_sqlite(query):
    ports = "(port in " + ",".join(map(str, range(105))) + " and not "
    result = query("connections", ports * 9 + "ipv6" + ")" * 9)
    assert result.returncode == 0 or b"too many brackets" in result.stderr


def test_as_many_tests_as_are_allowed(query):
    assert ids(query, "connections", "-p", ",".join(map(str, range(1, 1001)))) == ids(
        query, "connections", "pid <= 1000")


@pytest.mark.parametrize("evil", ["'; DROP TABLE connections; --", "x' OR 1=1 --", '" OR ""="', "%", "\\"])
def test_values_are_never_sql(query, evil):
    quote = '"' if "'" in evil else "'"
    for operator in ("=", "!=", "~", "in"):
        result = query("connections", f"comm {operator} {quote}{evil}{quote}", "-o", "json")
        assert result.returncode == 0 or operator == "~" and result.returncode == 2
        if operator in ("=", "in"):
            assert result.stdout == b"[]\n"
    assert query("connections", "-c", evil, "-o", "json").stdout == b"[]\n"
