# SPDX-License-Identifier: Apache-2.0
"""The order of rows: -n takes the first of those that -n 0 shows, and they are in the order of what
the report is about."""
import json
import random
import re

import pytest

from files import S, run
from query_driver import make_file, recording

OUTCOMES = ("closed", "refused", "reset", "timeout", "open")
CONNECTION = """
    INSERT INTO connections (id, recording_id, cookie, generation, family, local_address, local_port,
      peer_address, peer_port, direction, process_id, cgroup_id, pid_source, start_kind, opened_us,
      established_us, closed_us, outcome, bytes_sent, bytes_received, segs_sent, retrans_segs, rtos,
      rtt_min_us, rtt_sum_us, rtt_max_us, rtt_samples, closed_by, wait_for_peer_us, wait_for_local_us,
      rwnd_limited_us)
    VALUES ({id}, 1, {id}, 1, 4, '10.0.0.{local}', {local_port}, '{peer}', {peer_port}, '{direction}',
      {process}, {cgroup}, 'connect', 'seen', {opened}, {opened} + {handshake}, {closed}, '{outcome}',
      {sent}, {received}, 1000, {again}, {again} / 2, {rtt}, {rtt}, {rtt}, 1, 'local', {rtt} * 7 % 1000,
      {rtt} * 11 % 1000, {again} * 13 % 1000);
    INSERT INTO rtt_samples VALUES ({id}, {id}, {opened} + 5, {rtt}, {rtt}, 1);
    INSERT INTO events VALUES (2 * {id} - 1, {id}, {opened} + 5, 5, 1, 1, {again});
    INSERT INTO events VALUES (2 * {id}, {id}, {opened} + 6, 7, 1, 7, 0);
    INSERT INTO listeners (recording_id, cookie, family, local_address, local_port, netns, process_id,
                           cgroup_id, pid_source, uid, start_kind, opened_us)
    VALUES (1, {id}, 4, '10.0.0.{local}', {local_port}, 1, {process}, {cgroup}, 'listener', 0, 'seen',
            {opened});
    INSERT INTO batches (id, recording_id, committed_us, first_time_us, last_time_us, first_event_id,
                         last_event_id, first_rtt_sample_id, last_rtt_sample_id, lost_sample_ring)
    VALUES ({id}, 1, {opened} + {second}, {opened} + 5, {opened} + 6, 2 * {id} - 1, 2 * {id}, {id}, {id},
            {again});
    INSERT INTO accept_queues (recording_id, until_us, listener_id, from_us, queue_len, queue_max,
                               queue_limit, drops)
    VALUES (1, {opened} + {second}, {id}, {opened}, 1, 2, 3, {again});
    INSERT INTO netns_counters (recording_id, until_us, netns, from_us, attempt_fails, resets_sent,
                                listen_overflows, listen_drops, syn_queue_drops, syn_cookies_sent)
    VALUES (1, {opened} + {second}, {id}, {opened}, 1, {again}, 0, {again}, 0, 1);"""


def connections(chance):
    """Of few programs, containers and peers, which differ in all that reports sum up."""
    def some(most):
        return int(10 ** chance.uniform(0, most))
    for id in range(1, 120):
        outcome, opened = chance.choice(OUTCOMES), id * S // 2
        yield CONNECTION.format(
            id=id, local=id % 3, local_port=chance.choice([80, 443, 5000 + id]), second=S,
            peer=chance.choice(["10.0.1.1", "10.0.1.2", f"10.0.2.{id}"]),
            peer_port=chance.choice([80, 443, 6000 + id]), direction=chance.choice(["active", "passive"]),
            process=chance.randint(0, 30), cgroup=chance.randint(0, 30), opened=opened,
            handshake=some(4), closed="NULL" if outcome == "open" else opened + some(7), outcome=outcome,
            sent=some(9), received=some(9), again=some(2), rtt=some(5))


def make(path, seed):
    chance = random.Random(seed)
    owners = "".join(f"""
        INSERT INTO processes (id, pid, comm) VALUES ({i}, {100 + i}, 'program{i % 7}');
        INSERT INTO cgroups (id, path, container_id, systemd_unit)
        VALUES ({i}, '/{i}', iif({i % 5}, format('%064x', {i % 23} << 48), NULL), 'unit{i % 4}.service');"""
                     for i in range(1, 31))
    make_file(path, recording(0, 100 * S, "stopped").replace("'h'", f"'h{seed}'")
              + owners + "".join(connections(chance)) + """
        INSERT INTO host_checks SELECT 1, value, iif(key % 2, 'ok', 'less'), '', ''
        FROM json_each('["memory", "accept", "cgroup2", "btf"]');""")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("order")
    for seed in (1, 2):
        make(folder / f"{seed}.db", seed)
    return sorted(folder.glob("*.db"))


def words_of(report):
    return re.findall(r"^--by (\w+): ", run("help", report).stdout.decode(), re.M)


# What the rows of each report are ordered by: from the greatest, if there is no other word.
ORDERS = {
    "top-talkers": "bytes_total", "slowest": "rtt_avg_us", "slowest handshake": "connect_us",
    "slowest wait": "answer_us", "slowest idle": "idle_us", "slowest limited": "limited_us",
    "slowest duration": "duration_us", "slowest p99": "rtt_p99_us", "failures": "closed_us",
    "failures by": "failures", "connections": "opened_us", "active": "opened_us ascending",
    "active by": "connections", "events": "time_us newest", "rtt": "rtt_from_us ascending",
    "rtt by": "rtt_p99_us", "rate": "time_us newest", "retransmits": "retrans_in_window",
    "resets": "resets", "churn": "short", "processes": "connections", "containers": "bytes_total",
    "pairs": "opened_us", "listeners": "local_port ascending", "pressure": "drops",
    "pressure time": "time_us",
    "losses": "to_us", "recordings": "started_us", "host-checks": "started_us"}
ONE_ROW = ("summary", "info", "connection")  # or one for each file
WITHOUT_FILTER = ("losses", "recordings", "host-checks")
NAMES = [row["name"] for row in json.loads(run("list", "-o", "json").stdout)]
CALLS = [(name, word) for name in NAMES if name not in ONE_ROW for word in ("", *words_of(name))]


def order_of(name, word):
    order = ORDERS.get(f"{name} {word}") or word and ORDERS.get(f"{name} by") or ORDERS[name]
    column, _, way = order.partition(" ")
    return column, way


def rows_of(files, name, word, *arguments):
    by = ("--by", word) if word else ()
    return json.loads(run("-r", *files, name, *by, *arguments, "-o", "json").stdout)


def test_each_report_has_an_order():
    assert {name.split()[0] for name in ORDERS} == set(NAMES) - set(ONE_ROW)


def narrowings(name):
    yield ()
    yield ("-e", "@40") if name == "active" else ("-b", "@10", "-e", "@40")
    if name not in WITHOUT_FILTER:
        yield "-c", "program1,program2"


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name, word", [call for call in CALLS if call != ("rtt", "")])
def test_a_limit_keeps_the_first(files, name, word, count):
    """Or the last, where the newest come last."""
    is_newest_last = order_of(name, word)[1] == "newest"
    for narrowing in narrowings(name) if count == 1 else [()]:
        everything = rows_of(files[:count], name, word, *narrowing)
        some = rows_of(files[:count], name, word, *narrowing, "-n", "3")
        assert some == (everything[-3:] if is_newest_last else everything[:3]), narrowing


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name, word", CALLS)
def test_the_order_is_by_what_the_report_is_about(files, name, word, count):
    column, way = order_of(name, word)
    rows = rows_of(files[:count], name, word)
    values = [int(row["local"].split(":")[1]) if column == "local_port" else row[column]
              for row in rows]
    assert len(rows) > 2 or (name, word) in (("recordings", ""), ("pairs", ""), ("rtt", "host"))
    assert values == sorted(values, reverse=way == "")
