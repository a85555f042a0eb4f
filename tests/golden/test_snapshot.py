# SPDX-License-Identifier: Apache-2.0
"""snapshot: what goes into the file is computed here from the rows of the fixture."""
import os
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from files import S, check_whole, column, digest, make_large_file, report, rows, run
from query_driver import QUERY, run_query
from test_errors import check_failure

DAY2 = 1795266000 * S  # 2026-11-21 14:00 in Berlin: the second recording begins
WINDOWS = [
    (DAY2 + 5 * S, DAY2 + 123 * S),
    (DAY2 + 10_003_000, DAY2 + 10_003_041),  # cuts a commit
    (DAY2 + 300 * S, DAY2 + 700 * S),
    (DAY2 - 200_000 * S, DAY2 + 20 * S),     # both recordings
    (DAY2 - 100_800 * S + 300 * S, DAY2 - 100_800 * S + 301 * S),
    (DAY2 - 2_000_000 * S, DAY2 + 86400 * S)]
ENDS = {1: DAY2 - 100_800 * S + 590_500_000, 2: DAY2 + 1800 * S}  # of the recordings


@pytest.fixture
def snapshot(fixture_path, tmp_path):
    def make(begin, end, *arguments):
        path = tmp_path / f"cut{len(list(tmp_path.iterdir()))}.db"
        result = run("-r", fixture_path, "snapshot", "-b", begin, "-e", end, "-o", path, *arguments)
        assert result.stdout == b""
        return path
    return make


def alive(path, window):
    begin, end = window
    return {id for id, recording, opened, closed in rows(
                path, "SELECT id, recording_id, opened_us, closed_us FROM connections")
            if opened < end and (ENDS[recording] if closed is None else closed) >= begin}


@pytest.mark.parametrize("window", WINDOWS)
def test_rows_of_the_window(fixture_path, snapshot, window):
    cut = snapshot(*window)
    check_whole(cut)
    chosen = alive(fixture_path, window)
    assert set(column(cut, "SELECT id FROM connections")) == chosen
    for table in ("events", "rtt_samples"):
        expected = [row for row in rows(fixture_path, f"SELECT * FROM {table} ORDER BY id")
                    if row[1] in chosen and window[0] <= row[2] < window[1]]
        assert rows(cut, f"SELECT * FROM {table} ORDER BY id") == expected
    listening = {id for id, opened, closed in rows(
                    fixture_path, "SELECT id, opened_us, closed_us FROM listeners")
                 if opened < window[1] and (closed or ENDS[2]) >= window[0]}
    assert set(column(cut, "SELECT id FROM listeners")) == listening
    for table in ("accept_queues", "netns_counters"):
        assert rows(cut, f"SELECT * FROM {table}") == rows(
            fixture_path, f"SELECT * FROM {table} WHERE until_us > {window[0]} AND from_us < {window[1]}")


@pytest.mark.parametrize("window", WINDOWS)
def test_rows_are_copied_as_they_are(fixture_path, snapshot, window):
    cut = snapshot(*window)
    for table in ("recordings", "connections", "listeners", "processes", "cgroups"):
        copied = rows(cut, f"SELECT * FROM {table}")
        assert set(copied) <= set(rows(fixture_path, f"SELECT * FROM {table}"))


@pytest.mark.parametrize("window", WINDOWS)
def test_owners_are_those_referred_to(snapshot, window):
    cut = snapshot(*window)
    for table, reference in (("processes", "process_id"), ("cgroups", "cgroup_id")):
        referred = {0} | set(column(cut, f"SELECT {reference} FROM connections UNION "
                                         f"SELECT {reference} FROM listeners"))
        if table == "cgroups":
            referred |= set(column(cut, "SELECT socket_cgroup_id FROM connections "
                                        "WHERE socket_cgroup_id IS NOT NULL"))
        assert set(column(cut, f"SELECT id FROM {table}")) == referred


@pytest.mark.parametrize("window", WINDOWS)
def test_intervals_that_overlap_the_window_are_whole(fixture_path, snapshot, window):
    cut = snapshot(*window)
    all_of_window = rows(fixture_path, f"SELECT * FROM intervals WHERE until_us > {window[0]} "
                                       f"AND from_us < {window[1]} ORDER BY id")
    assert rows(cut, "SELECT * FROM intervals ORDER BY id") == [
        row for row in all_of_window if row[1] in column(cut, "SELECT id FROM connections")]


@pytest.mark.parametrize("window", WINDOWS)
def test_batches_hold_what_was_copied(fixture_path, snapshot, window):
    cut = snapshot(*window)
    for table, name in (("events", "event"), ("rtt_samples", "rtt_sample")):
        copied = rows(cut, f"SELECT id, time_us FROM {table}")
        held = rows(cut, f"SELECT first_{name}_id, last_{name}_id, first_time_us, last_time_us "
                         "FROM batches")
        for id, time_us in copied:
            assert len([1 for first, last, begin, end in held
                        if first is not None and first <= id <= last
                        and begin <= time_us <= end]) == 1
        ends = {id for first, last, _, _ in held for id in (first, last) if id is not None}
        assert ends <= {id for id, _ in copied}
    lost = "SELECT id, lost_lifecycle_ring, lost_sample_ring, committed_us FROM batches"
    assert set(rows(cut, lost)) <= set(rows(fixture_path, lost))


@pytest.mark.parametrize("window", WINDOWS[:4])
def test_reports_say_the_same_of_the_window(fixture_path, snapshot, window):
    cut = snapshot(*window)
    times = ("-b", window[0], "-e", window[1])
    for name in ("connections", "failures", "events", "rtt", "pairs", "listeners", "active",
                 "slowest", "processes", "top-talkers", "summary"):
        limit = () if name in ("summary", "rtt") else ("-n", "0")
        begin = () if name == "active" else times[:2]
        said, expected = (report(path, name, *begin, *times[2:], *limit)
                          for path in (cut, fixture_path))
        for row in (*said, *expected):
            row.pop("accepted", None)  # by listeners over all their life
            for wait in ("answer_us", "idle_us"):  # until the last moment that the file tells of
                row.pop(wait, None)
        assert said == expected, name


HOW_IT_IS = ("open", "closed", "refused", "timeout", "unreachable", "aborted", "reset", "repair", "lost")


@pytest.mark.parametrize("window", WINDOWS[:4])
def test_without_a_window_it_is_about_its_own(fixture_path, snapshot, window):
    """What its connections did before and after, which their rows tell, is left out."""
    cut = snapshot(*window)
    times = ("-b", window[0], "-e", window[1])
    (of_cut,), (expected,) = report(cut, "summary"), report(fixture_path, "summary", *times)
    assert of_cut == expected
    assert of_cut["connections"] == sum(of_cut[name] for name in HOW_IT_IS)
    for name in ("failures", "top-talkers", "connections", "containers"):
        assert report(cut, name) == report(fixture_path, name, *times), name


@pytest.mark.parametrize("end", [None, *range(DAY2, DAY2 + 1860 * S, 20 * S)])
def test_a_summary_adds_up(fixture_path, end):
    """Each connection is open at the end, or has ended in one way, or its end was not seen."""
    for begin in ((), ("-b", DAY2 + 30 * S)) if end is None or end > DAY2 + 30 * S else ((),):
        (summary,) = report(fixture_path, "summary", *begin, *(("-e", end) if end else ()))
        assert summary["connections"] == sum(summary[name] for name in HOW_IT_IS)


def test_a_snapshot_of_all_keeps_its_sums(fixture_path, snapshot):
    """They tell of connections, too, that are no longer in the file."""
    source, cut = report(fixture_path, "summary"), report(snapshot(DAY2 - 1_000_000 * S, DAY2 + 10_000 * S), "summary")
    assert cut == source


def test_it_says_what_it_covers(fixture_path, snapshot):
    begin, end = DAY2 + 5 * S, DAY2 + 123 * S
    before = int(time.time() * S)
    cut = snapshot(begin, end)
    (made,) = column(cut, "SELECT made_us FROM snapshots")
    assert before <= made <= time.time() * S
    assert rows(cut, "SELECT recording_id, begin_us, end_us, is_filtered, anonymize_level "
                     "FROM snapshots") == [(2, begin, end, 0, None)]
    (info,) = report(cut, "info")
    assert (info["first_us"], info["last_us"]) == (begin, end)
    (recorded,) = report(cut, "recordings")
    assert (recorded["started_us"], recorded["until_us"]) == (begin, end)
    assert (recorded["is_cut"], recorded["is_filtered"]) == (1, 0)
    assert recorded["events"] == info["events"]
    assert info["events"] == column(cut, "SELECT count(*) FROM events")[0]
    assert info["rtt_samples"] == column(cut, "SELECT count(*) FROM rtt_samples")[0]
    summary = report(cut, "summary")[0]
    assert (summary["first_us"], summary["last_us"]) == (begin, end)


def test_it_says_what_it_wrote(fixture_path, tmp_path):
    path = tmp_path / "said.db"
    result = run("-r", fixture_path, "snapshot", "-b", DAY2 + 300 * S, "-e", DAY2 + 301 * S, "-o", path)
    size = f"{path.stat().st_size // 1024}KiB"
    counts = [column(path, f"SELECT count(*) FROM {table}")[0]
              for table in ("connections", "events", "rtt_samples", "listeners")]
    said = ", ".join(f"{count} {what}{'s' * (count != 1)}" for count, what in zip(
        counts, ("connection", "event", "RTT sample", "listener")))
    assert result.stderr.decode().splitlines()[0] == (
        f"ctrack-query: wrote {path}: {said}; from 2026-11-21 14:05:00.000000 to "
        f"2026-11-21 14:05:01.000000; {size}")


def test_sums_are_those_of_what_is_there(snapshot):
    cut = snapshot(*WINDOWS[0])
    assert sorted(rows(cut, "SELECT comm, sum(connections), sum(bytes_sent), sum(bytes_received) "
                            "FROM traffic GROUP BY 1")) == sorted(rows(
        cut, "SELECT coalesce(comm, ''), count(*), sum(bytes_sent), sum(bytes_received) "
             "FROM connection_log GROUP BY 1"))
    assert column(cut, """
        SELECT id FROM connections c WHERE NOT EXISTS
          (SELECT * FROM batches WHERE c.id BETWEEN first_connection_id AND last_connection_id)
        EXCEPT SELECT connection_id FROM long_connections""") == []


def test_sums_of_all_are_copied(fixture_path, tmp_path):
    """They may tell of more than the connections that are still there."""
    source, copy = tmp_path / "source.db", tmp_path / "copy.db"
    shutil.copy(fixture_path, source)
    db = sqlite3.connect(source)
    db.execute("INSERT INTO traffic_sums (begin_us, comm, peer_address, service_port, direction, "
               "bytes_sent) VALUES (0, 'old', '10.0.0.1', 80, 'active', 77)")
    db.commit()
    db.close()
    run("-r", source, "snapshot", "-o", copy)
    assert rows(copy, "SELECT comm, bytes_sent FROM traffic_sums WHERE comm = 'old'") == [("old", 77)]


MINUTE = 60 * S


def test_minutes_that_overlap_the_window(fixture_path, snapshot):
    cut = snapshot(DAY2 + 30 * S, DAY2 + 130 * S)
    kept = rows(fixture_path, f"SELECT * FROM minutes WHERE begin_us BETWEEN {DAY2} AND {DAY2 + 2 * MINUTE}")
    assert len({row[1] for row in kept}) == 3
    assert rows(cut, "SELECT * FROM minutes") == kept


def test_minutes_of_some_connections(fixture_path, tmp_path):
    """They know no peer, so they are made of what is there."""
    cut = tmp_path / "cut.db"
    run("-r", fixture_path, "snapshot", "-c", "curl", "-o", cut)
    assert column(cut, "SELECT DISTINCT comm FROM minutes") == ["curl"]
    assert rows(cut, "SELECT * FROM minute_rtts ORDER BY begin_us, service_port, bucket")[0][:-1] == rows(
        fixture_path, "SELECT * FROM minute_rtts WHERE comm = 'curl' ORDER BY begin_us, service_port, bucket")[0][:-1]
    assert rows(cut, "SELECT sum(connections), sum(bytes_received), sum(rtt_samples) FROM minutes") == rows(
        fixture_path, "SELECT sum(connections), sum(bytes_received), sum(rtt_samples) FROM minutes WHERE comm = 'curl'")


def test_losses_of_the_window_go_along(fixture_path, snapshot):
    begin, end = DAY2 + 41 * S, DAY2 + 62 * S
    cut = snapshot(begin, end)
    assert [(row["lost"], row["cause"]) for row in report(cut, "losses")] == [(12, "sample_ring")]
    quiet = snapshot(DAY2 + 900 * S, DAY2 + 1000 * S)
    assert report(quiet, "losses") == []


def test_what_had_been_deleted(fixture_path, tmp_path):
    source, cut = tmp_path / "source.db", tmp_path / "cut.db"
    shutil.copy(fixture_path, source)
    db = sqlite3.connect(source)
    db.execute("UPDATE retention SET kept_from_us = ?, deleted_rows = 7 WHERE kind = 'events'",
               (DAY2 + 20 * S,))
    db.commit()
    db.close()
    for begin, expected in ((DAY2 + 30 * S, (None, 0)), (DAY2 + 10 * S, (DAY2 + 20 * S, 7))):
        run("-r", source, "snapshot", "-b", begin, "-o", cut, "--force")
        assert rows(cut, "SELECT kept_from_us, deleted_rows FROM retention "
                         "WHERE kind = 'events'") == [expected]


def test_filtered(fixture_path, snapshot):
    cut = snapshot(*WINDOWS[5], "-c", "curl", "family", "=", "ipv6")
    check_whole(cut)
    assert column(cut, "SELECT id FROM connections") == [10]
    assert set(column(cut, "SELECT connection_id FROM events")) == {10}
    assert column(cut, "SELECT id FROM rtt_samples ORDER BY id") == [28, 29, 30]
    assert column(cut, "SELECT pid FROM processes WHERE id > 0") == [1202]
    assert set(column(cut, "SELECT is_filtered FROM snapshots")) == {1}
    assert sum(row["events"] for row in report(cut, "info")) == 7
    other = cut.read_bytes()
    assert b"postgres://" not in other and b"rsync" not in other


def test_of_a_snapshot(snapshot, tmp_path):
    first = snapshot(DAY2 + 5 * S, DAY2 + 123 * S, "-4")
    second = tmp_path / "second.db"
    run("-r", first, "snapshot", "-b", DAY2 + 100 * S, "-e", DAY2 + 200 * S, "-o", second)
    assert rows(second, "SELECT recording_id, begin_us, end_us, is_filtered FROM snapshots") == [
        (2, DAY2 + 100 * S, DAY2 + 123 * S, 1)]


def test_without_a_window_it_is_all(fixture_path, tmp_path):
    copy = tmp_path / "copy.db"
    run("-r", fixture_path, "snapshot", "-o", copy)
    for table in ("connections", "events", "rtt_samples", "batches", "listeners", "recordings",
                  "accept_queues", "netns_counters", "host_checks", "processes", "retention", "event_kinds", "tcp_states", "errnos"):
        assert rows(copy, f"SELECT * FROM {table} ORDER BY 1") == rows(
            fixture_path, f"SELECT * FROM {table} ORDER BY 1"), table


def test_the_source_is_not_touched(fixture_path, snapshot):
    before = digest(fixture_path)
    snapshot(*WINDOWS[0])
    assert digest(fixture_path) == before


def test_beside_a_writer(fixture_path, tmp_path):
    """What is committed goes, what is not does not; nothing of the log is needed after."""
    source, cut = tmp_path / "source.db", tmp_path / "cut.db"
    shutil.copy(fixture_path, source)
    writer = sqlite3.connect(source, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE connections SET bytes_sent = 111 WHERE id = 4")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE connections SET bytes_sent = 222 WHERE id = 4")
    run("-r", source, "snapshot", "-o", cut)
    writer.execute("ROLLBACK")
    writer.close()
    check_whole(cut)
    assert column(cut, "SELECT bytes_sent FROM connections WHERE id = 4") == [111]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o604, 0o660, 0o400])
def test_who_may_read_the_file_may_read_the_snapshot(fixture_path, tmp_path, mode):
    shutil.copy(fixture_path, tmp_path / "a.db")
    (tmp_path / "a.db").chmod(mode)
    run("-r", tmp_path / "a.db", "snapshot", "-o", tmp_path / "cut.db")
    assert (tmp_path / "cut.db").stat().st_mode & 0o7777 == (mode | 0o600) & ~os.umask(os.umask(0o22))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to other groups")
def test_the_snapshot_has_the_group_of_the_file(fixture_path, tmp_path):
    shutil.copy(fixture_path, tmp_path / "a.db")
    (tmp_path / "a.db").chmod(0o640)
    os.chown(tmp_path / "a.db", -1, 54321)
    run("-r", tmp_path / "a.db", "snapshot", "-o", tmp_path / "cut.db")
    assert (tmp_path / "cut.db").stat().st_gid == 54321
    run("-r", tmp_path / "a.db", "snapshot", "-o", tmp_path / "mine.db",  # without the privilege to do so
        command=["setpriv", "--bounding-set=-chown", "--inh-caps=-chown"])
    mine = (tmp_path / "mine.db").stat()
    assert (mine.st_gid, mine.st_mode & 0o777) == (os.getegid(), 0o600)


def test_does_not_overwrite(fixture_path, tmp_path):
    path = tmp_path / "there.db"
    path.write_text("mine")
    arguments = ("-r", fixture_path, "snapshot", "-o", path)
    check_failure(run_query(*arguments), 1, "there.db", "there already", "--force")
    assert path.read_text() == "mine"
    run(*arguments, "--force")
    check_whole(path)


@pytest.mark.parametrize("name", ["source.db", "link.db", "hard.db", "../{}/source.db"])
def test_never_writes_over_its_source(fixture_path, tmp_path, name):
    source = tmp_path / "source.db"
    shutil.copy(fixture_path, source)
    (tmp_path / "link.db").symlink_to(source)
    os.link(source, tmp_path / "hard.db")
    before = digest(source)
    result = run_query("-r", source, "snapshot", "--force", "-o",
                       tmp_path / name.format(tmp_path.name))
    check_failure(result, 2, "is the file that is read")
    assert digest(source) == before


def test_bad_places(fixture_path, tmp_path):
    def fails(out, code, *words):
        check_failure(run_query("-r", fixture_path, "snapshot", "--force", "-o", out), code, *words)
    fails(tmp_path / "none" / "x.db", 1, "No such file or directory")
    fails(tmp_path, 1, "is a directory")
    fails("/dev/null", 1, "is no file")
    fails(f"{tmp_path}/", 2, "expected the name of a file")
    fails("", 2, "expected the name of a file")
    (tmp_path / "old.db-wal").write_text("of another file")
    fails(tmp_path / "old.db", 1, "old.db-wal is there")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.db-wal"]


def test_no_room(fixture_path, tmp_path):
    """Python ignores SIGXFSZ, and so does its child here: write() fails."""
    result = subprocess.run(
        ["prlimit", "--fsize=65536", QUERY, "-r", fixture_path, "snapshot", "-o",
         tmp_path / "cut.db"], capture_output=True, restore_signals=False, check=False)
    check_failure(result, 1, "cannot write")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments, words", [
    ((), ["snapshot needs -o"]),
    (("-o", "x.db", "-n", "5"), ["does not take -n"]),
    (("-o", "x.db", "--at", "now"), ["does not take --at"]),
    (("-o", "x.db", "frobnicate"), ["frobnicate"]),
    (("-o", "x.db", "-b", "today", "-e", "yesterday"), ["not after"])])
def test_usage(query, arguments, words):
    check_failure(query("snapshot", *arguments), 2, *words)
    assert not (query.path.parent / "x.db").exists()


def test_a_window_without_anything(query):
    check_failure(query("snapshot", "-o", "x.db", "-b", "2020-01-01", "-e", "2020-01-02"), 1,
                  "nothing was recorded in this window: fixture.db is from 2026-11-20 10:00:00")


@pytest.fixture(scope="module")
def large_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "source.db"
    make_large_file(path, samples=1_000_000)
    return path


def signalled_in_the_middle(source, tmp_path, number, **how):
    """Its exit code, and the folder into which it writes."""
    folder = tmp_path / "out"
    folder.mkdir()
    with subprocess.Popen([QUERY, "-r", source, "snapshot", "-o", folder / "cut.db"],
                          **how) as process:
        while sum(int(size) for size in subprocess.run(
                ["find", folder, "-type", "f", "-printf", "%s\n"], capture_output=True,
                check=False).stdout.split()) < 1_000_000:
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(number)
    return process.returncode, folder


@pytest.mark.parametrize("number, code, leftovers", [
    (signal.SIGINT, -2, 0), (signal.SIGTERM, -15, 0), (signal.SIGHUP, -1, 0),
    (signal.SIGKILL, -9, 1)])
def test_killed_in_the_middle(large_file, tmp_path, number, code, leftovers):
    """Nothing at its path; only SIGKILL leaves the hidden file."""
    ended, folder = signalled_in_the_middle(large_file, tmp_path, number)
    assert ended == code
    assert len([path for path in folder.iterdir() if path.name.startswith(".cut.db.")]) == leftovers
    assert not (folder / "cut.db").exists()


def test_an_ignored_signal_ends_nothing(large_file, tmp_path):
    """As under nohup."""
    ended, folder = signalled_in_the_middle(
        large_file, tmp_path, signal.SIGHUP,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert ended == 0
    assert [path.name for path in folder.iterdir()] == ["cut.db"]


def test_a_window_of_which_a_part_was_recorded_is_told(fixture_path, tmp_path):
    said = run("-r", fixture_path, "snapshot", "-b", "2026-11-21 14:20", "-e", "2026-11-21 15:00",
               "-o", tmp_path / "cut.db").stderr.decode()
    assert ("only a part of this window was recorded: from 2026-11-21 14:20:00.000000 to "
            "2026-11-21 14:30:00.000000\n") in said
