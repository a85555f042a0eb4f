# SPDX-License-Identifier: Apache-2.0
"""diff: two windows of a made file with known changes, and two files."""
import json

import pytest

from files import S, run
from query_driver import make_file, recording, run_query
from test_errors import check_failure

# begin, comm, peer, outcome, bytes, samples
BEFORE = [(10, "curl", "10.0.0.1", "closed", 1000, [100, 200, 300]),
          (11, "curl", "10.0.0.2", "closed", 50, []),
          (12, "curl", "10.0.0.1", "refused", 0, []),
          (13, "ssh", "10.0.0.9", "closed", 7, [10] * 10)]
AFTER = [(110, "curl", "10.0.0.1", "closed", 4000, [100, 200, 900]),
         (111, "curl", "10.0.0.3", "closed", 80, []),
         (112, "curl", "10.0.0.1", "refused", 0, []), (113, "curl", "10.0.0.1", "refused", 0, []),
         (114, "curl", "10.0.0.1", "reset", 0, []),
         (115, "ssh", "10.0.0.9", "closed", 7, [10] * 10)]


def content(connections):
    sql = "INSERT INTO processes (id, pid, comm) VALUES (1, 1, 'curl'), (2, 2, 'ssh');"
    sample = 0
    for id, (begin, comm, peer, outcome, size, samples) in enumerate(connections, 1):
        sql += f"""INSERT INTO connections (id, recording_id, cookie, generation, peer_address, direction,
                     process_id, pid_source, start_kind, opened_us, closed_us, outcome, bytes_sent)
                   VALUES ({id}, 1, {id}, 1, '{peer}', 'active', {1 if comm == 'curl' else 2}, 'connect',
                           'seen', {begin * S}, {(begin + 1) * S}, '{outcome}', {size});"""
        for i, rtt in enumerate(samples, sample + 1):
            sql += f"INSERT INTO rtt_samples VALUES ({i}, {id}, {begin * S + 5}, {rtt}, {rtt}, 1);"
        if samples:
            sql += f"""INSERT INTO batches (recording_id, committed_us, first_time_us, last_time_us,
                         first_rtt_sample_id, last_rtt_sample_id)
                       VALUES (1, {(begin + 1) * S}, {begin * S + 5}, {begin * S + 5}, {sample + 1},
                               {sample + len(samples)});"""
        sample += len(samples)
    return sql


# As they must be for windows of the same length.
EXPECTED = [
    ("failures", "curl", "10.0.0.1", "refused", 1, 2, 1, 2),
    ("failures", "curl", "10.0.0.1", "reset", None, 1, 1, None),
    ("rtt_p95_us", "curl", None, None, 300, 900, 600, 3),
    ("rtt_p99_us", "*", None, None, 300, 900, 600, 3),
    ("rtt_p95_us", "*", None, None, 300, 900, 600, 3),
    ("rtt_p99_us", "curl", None, None, 300, 900, 600, 3),
    ("bytes", "curl", "10.0.0.1", None, 1000, 4000, 3000, 4),
    ("new_peer", "curl", "10.0.0.3", None, None, 80, 80, None),
    ("gone_peer", "curl", "10.0.0.2", None, 50, None, -50, 0)]


@pytest.fixture
def one_file(tmp_path):
    path = tmp_path / "one.db"
    make_file(path, recording(0, 1000 * S, "stopped") + content(BEFORE + AFTER))
    return path


def rows_of(*arguments):
    return [tuple(row.values())[:-1] for row in json.loads(run("diff", *arguments, "-o", "json").stdout)]


def window(begin, end):
    return f"1970-01-01T00:{begin // 60:02}:{begin % 60:02}Z..1970-01-01T00:{end // 60:02}:{end % 60:02}Z"


def test_two_windows(one_file):
    found = rows_of("-r", one_file, "--before", window(0, 100), "--after", window(100, 200))
    assert sorted(found, key=str) == sorted(EXPECTED, key=str)
    assert [row[0][:3] for row in found] == ["fai"] * 2 + ["rtt"] * 4 + ["byt", "new", "gon"]


def test_two_files(tmp_path):
    a, b = tmp_path / "a.db", tmp_path / "b.db"
    make_file(a, recording(0, 1000 * S, "stopped") + content(BEFORE))
    make_file(b, recording(0, 1000 * S, "stopped") + content(AFTER))
    assert sorted(rows_of(a, b), key=str) == sorted(EXPECTED, key=str)
    assert rows_of(a, a) == []


def test_windows_of_different_length(one_file):
    found = rows_of("-r", one_file, "--before", window(0, 100), "--after", window(100, 300))
    by_key = {row[:4]: row[4:] for row in found}
    assert by_key["bytes", "curl", "10.0.0.1", None] == (1000, 4000, 2000, 2)
    assert by_key["failures", "curl", "10.0.0.1", "reset"] == (None, 1, 1, None)
    assert ("failures", "curl", "10.0.0.1", "refused") not in by_key  # as many in the same time
    assert by_key["rtt_p99_us", "curl", None, None] == (300, 900, 600, 3)


def test_a_window_of_which_nothing_was_recorded_is_told(one_file):
    arguments = ("-r", one_file, "diff", "--before", window(0, 100))
    assert run(*arguments, "--after", window(100, 200)).stderr == b""
    said = run(*arguments, "--after", window(2000, 2100)).stderr.decode()
    assert said.startswith("ctrack-query: --after: nothing was recorded in this window: ")
    said = run(*arguments, "--after", window(900, 1100)).stderr.decode()
    assert said.startswith("ctrack-query: --after: only a part of this window was recorded: from ")


def test_greatest_first_and_limit(one_file):
    found = rows_of("-r", one_file, "--before", window(100, 200), "--after", window(0, 100), "-n", "1")
    assert [row[0] for row in found] == ["failures", "rtt_p95_us", "rtt_p99_us", "bytes", "new_peer",
                                         "gone_peer"]


@pytest.fixture
def many_changes(tmp_path):
    """Failures to 100 peers: from some to some others."""
    connections = []
    for peer, (before, after) in enumerate(COUNTS):
        connections += [(10, "curl", f"10.0.0.{peer}", "refused", 0, [])] * before
        connections += [(110, "curl", f"10.0.0.{peer}", "refused", 0, [])] * after
    path = tmp_path / "many.db"
    make_file(path, recording(0, 1000 * S, "stopped") + content(connections))
    return path


COUNTS = [(0, 3), (5, 4), (90, 130), (100, 100), (9, 21), (2, 0), *[(0, 1)] * 20]


@pytest.mark.parametrize("length", [100, 50])
def test_the_most_significant_come_first(many_changes, length):
    """As many standard deviations as the difference of two Poisson counts is."""
    result = run("-r", many_changes, "diff", "--before", window(0, 100), "--after",
                 window(100, 100 + length), "-o", "json")
    rows = [row for row in json.loads(result.stdout) if row["kind"] == "failures"]
    scale = length / 100
    expected = [(after - scale * before) / (after + scale ** 2 * before) ** 0.5
                for before, after in COUNTS if after != scale * before]
    found = [row["significance"] for row in rows]
    assert sorted(found) == pytest.approx(sorted(expected))
    assert list(map(abs, found)) == sorted(map(abs, found), reverse=True)
    by_peer = {row["peer_address"]: row for row in rows}
    for peer, (before, after) in enumerate(COUNTS):
        row = by_peer.get(f"10.0.0.{peer}")
        assert (row is None) == (after == scale * before)
        assert row is None or row["difference"] == pytest.approx(after - scale * before)


def test_it_says_that_it_scaled(many_changes):
    arguments = ("-r", many_changes, "diff", "--before", window(0, 100), "--after")
    assert run(*arguments, window(100, 200)).stderr.decode() == (
        "ctrack-query: 20 of 25 rows of failures, 20 of 21 rows of new_peer; -n 0 for all\n")
    assert run(*arguments, window(100, 150), "-o", "csv").stderr.decode() == (
        "ctrack-query: before is 1m40s of recording and after 50.0s: difference and factor of "
        "failures and bytes are as if before had lasted as long\n")


def test_a_small_factor_is_not_nothing(tmp_path):
    path = tmp_path / "small.db"
    make_file(path, recording(0, 1000 * S, "stopped") + content(
        [(10, "curl", "10.0.0.1", "closed", 10_000_000, []), (110, "curl", "10.0.0.1", "closed", 7, [])]))
    arguments = ("-r", path, "diff", "--before", window(0, 100), "--after", window(100, 200))
    assert b" <0.001 " in run(*arguments).stdout
    assert json.loads(run(*arguments, "-o", "json").stdout)[0]["factor"] == 7e-7


def test_a_file_without_a_recording_is_told(one_file, tmp_path):
    make_file(tmp_path / "none.db", "")
    assert run("diff", one_file, one_file).stderr == b""
    said = run("diff", tmp_path / "none.db", one_file).stderr.decode()
    assert said == f"ctrack-query: {tmp_path}/none.db: nothing was recorded in this window\n"


def test_filters(one_file):
    arguments = ("-r", one_file, "--before", window(0, 100), "--after", window(100, 200))
    assert rows_of(*arguments, "-c", "ssh") == []
    assert {row[0] for row in rows_of(*arguments, "peer = 10.0.0.3")} == {"new_peer"}


def test_table(one_file, expect):
    result = run("-r", one_file, "diff", "--before", window(0, 100), "--after", window(100, 200))
    expect("diff.table", result.stdout)


def test_less_than_one_less_is_no_minus_zero(one_file):
    result = run("-r", one_file, "diff", "--before", window(100, 200), "--after", window(0, 60))
    refused = next(line.split() for line in result.stdout.decode().splitlines() if "refused" in line)
    assert refused[4:] == ["2", "1", "0", "0.833", "-0.2"]


def test_a_time_of_day_is_of_the_same_day(fixture_path):
    """In Berlin; the fixture's times."""
    for before in ("2026-11-21 14:00..14:02", "2026-11-21T14:00..14:02",
                   "2026-11-21 14:00..2026-11-21 14:02"):
        found = rows_of("-r", fixture_path, "--before", before, "--after", "2026-11-21 14:05..14:10")
        assert ("failures", "curl", "10.9.9.9", "unreachable", None, 1, 1, None) in found


@pytest.mark.parametrize("arguments, words", [
    ((), ["two files", "--before"]), (("a.db",), ["two files"]), (("a.db", "b.db", "c.db"), ["two files"]),
    (("--before", "14:00..15:00"), ["--after as well"]),
    (("--after", "14:00..15:00"), ["--before as well"]),
    (("--before", "14:00", "--after", "14:00..15:00"), ["bad --before '14:00'", "FROM..TO"]),
    (("--before", "15:00..14:00", "--after", "14:00..15:00"), ["its end '14:00' is not after '15:00'"]),
    (("--before", "noon..15:00", "--after", "14:00..15:00"), ["bad time 'noon'"]),
    (("a.db", "b.db", "-b", "today"), ["does not take -b"])])
def test_usage(fixture_path, arguments, words):
    file = ("-r", fixture_path) if "--before" in arguments else ()
    check_failure(run_query("diff", *file, *arguments), 2, *words)


def test_r_and_two_files(fixture_path):
    check_failure(run_query("diff", "-r", fixture_path, fixture_path, fixture_path), 2, "no -r")
