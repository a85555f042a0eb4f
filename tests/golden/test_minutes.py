# SPDX-License-Identifier: Apache-2.0
"""Reports over everything from minutes, against the same from the rows."""
import json

import pytest

from files import S, column, run
from query_driver import run_query
from test_strangers_file import changed

DELETED = "UPDATE retention SET kept_from_us = 5, deleted_rows = 1 WHERE kind = 'rtt_samples';"
MANY = ("INSERT INTO packed_rtt_samples SELECT 2000000, connection_id, since_2030_us, rtt_state, "
        "srtt_less_rtt_us FROM packed_rtt_samples WHERE id = 56; DELETE FROM packed_rtt_samples WHERE id = 56;"
        "UPDATE batches SET last_rtt_sample_id = 2000000 WHERE last_rtt_sample_id = 56;")
LATER = "UPDATE retention SET kept_from_us = 6, deleted_rows = 1 WHERE kind = 'minutes';"
NOTICE = b"made of sums of minutes: percentiles are at most 3.2 % off; with a window (-b) they are exact"
PERCENTILES = ("rtt_p50_us", "rtt_p90_us", "rtt_p95_us", "rtt_p99_us")


def answer(path, *arguments):
    done = run("-r", path, "-o", "json", *arguments)
    return json.loads(done.stdout), NOTICE in done.stderr


@pytest.fixture(params=[DELETED, MANY])
def large(request, fixture_path, tmp_path):
    return changed(fixture_path, tmp_path, request.param)


def is_near(rough, exact):
    return rough == exact if exact is None else abs(rough - exact) <= 0.033 * exact + 0.5


def check_near(rough, exact, same):
    assert [[row[name] for name in same] for row in rough] == [
        [row[name] for name in same] for row in exact]
    for one, other in zip(rough, exact):
        assert all(is_near(one[name], other[name]) for name in PERCENTILES if name in other), (one, other)


def test_rtt(fixture_path, large):
    exact, of_minutes = answer(fixture_path, "rtt")
    assert not of_minutes
    assert answer(large, "rtt") == (exact, True)


def test_what_stands_below(fixture_path, large):
    exact, rough = ([line.split() for line in run("-r", path, "rtt").stdout.decode().splitlines()
                     if line.startswith(("samples", "rtt min", "rtt avg", "rtt max"))]
                    for path in (fixture_path, large))
    assert exact == rough and len(exact) == 4


def test_rtt_by_port(fixture_path, large):
    rough, of_minutes = answer(large, "rtt", "--by", "port", "-s", "service_port")
    assert of_minutes
    check_near(rough, answer(fixture_path, "rtt", "--by", "port", "-s", "service_port")[0],
               ("service_port", "samples", "rtt_min_us", "rtt_max_us", "rtt_avg_us"))
    assert {row["connections"] for row in rough} == {None}


def test_rtt_by_program(fixture_path, large):
    """Minutes know no processes."""
    rough, of_minutes = answer(large, "rtt", "--by", "process")
    assert of_minutes
    assert {row["pid"] for row in rough} == {None}
    assert sorted((row["comm"] or "", row["samples"]) for row in rough) == sorted(
        (comm, samples) for comm, samples in
        [(comm, column(fixture_path, f"SELECT sum(rtt_samples) FROM minutes WHERE comm = '{comm}'")[0])
         for comm in column(fixture_path, "SELECT DISTINCT comm FROM minutes")] if samples)


@pytest.mark.parametrize("interval", ["60", "600", "86400"])
def test_rate(fixture_path, large, interval):
    arguments = ("rate", "--interval", interval + "s", "-n", "100")
    rough, of_minutes = answer(large, *arguments)
    assert of_minutes
    check_near(rough, answer(fixture_path, *arguments)[0],
               ("time_us", "opened", "closed", "failed", "rtt_samples"))
    assert [row["bytes_sent"] for row in rough if row["bytes_sent"]] == column(
        fixture_path, f"SELECT sum(bytes_sent) FROM minutes WHERE begin_us >= {rough[0]['time_us']} "
                      f"GROUP BY begin_us / {int(interval) * S} HAVING sum(bytes_sent) ORDER BY begin_us")


def test_rate_chooses_whole_minutes(fixture_path, large):
    rough, of_minutes = answer(large, "rate")
    assert of_minutes
    check_near(rough, answer(fixture_path, "rate")[0], ("time_us", "opened", "rtt_samples", "interval_us"))


@pytest.mark.parametrize("arguments", [
    ("rtt", "-b", "2026-11-20"), ("rtt", "-c", "nginx"), ("rtt", "port = 443"), ("rtt", "--by", "peer"),
    ("rate", "--interval", "90s"), ("rate", "-e", "2026-11-22"), ("summary",), ("top-talkers",)])
def test_what_minutes_do_not_tell(large, arguments):
    assert answer(large, *arguments)[1] is False


def test_minutes_that_reach_back_less_far(fixture_path, tmp_path):
    path = changed(fixture_path, tmp_path, DELETED + LATER)
    assert answer(path, "rtt") == (answer(fixture_path, "rtt")[0], False)


def test_rate_takes_minutes_where_intervals_are_gone(fixture_path, large, tmp_path):
    path = changed(fixture_path, tmp_path, DELETED.replace("rtt_samples", "intervals"))
    assert answer(path, "rate") == (answer(large, "rate")[0], True)
    assert b"all their bytes" not in run("-r", path, "rate").stderr
    assert answer(path, "rtt") == (answer(fixture_path, "rtt")[0], False)


def test_deleted_minutes_are_told(fixture_path, tmp_path):
    path = changed(fixture_path, tmp_path, DELETED + LATER.replace("= 6", "= 4"))
    stderr = run("-r", path, "rtt").stderr
    assert b"no longer in" in stderr and b"minutes before 1970" in stderr and b"RTT samples before" not in stderr


def test_several_hosts(fixture_path, large, tmp_path):
    """Minutes do not know their host, so by port the rows are asked."""
    other = tmp_path / "other.db"
    other.write_bytes(large.read_bytes())
    db_rows = run_query("-r", large, "-r", other, "-o", "json", "rtt")
    assert NOTICE in db_rows.stderr
    assert [row["samples"] for row in json.loads(db_rows.stdout)] == [
        2 * row["samples"] for row in answer(fixture_path, "rtt")[0]]


@pytest.mark.parametrize("rtts", ["{", "", "{\"999\":5,\"3\":99999999999999999999}", "{\"1\":-1}", "[[[["])
def test_hostile_minutes(large, tmp_path, rtts):
    path = changed(large, tmp_path, f"UPDATE minutes SET rtts = '{rtts}'", name="hostile.db")
    for arguments in (("rtt",), ("rtt", "--by", "port"), ("rate",)):
        assert run_query("-r", path, *arguments).returncode == 0
