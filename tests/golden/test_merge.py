# SPDX-License-Identifier: Apache-2.0
"""merge: what is in all the files is in the one, once."""
import os
import shutil
import sqlite3

import pytest

from files import S, check_whole, column, digest, report, rows, run
from query_driver import run_query, sum_up_minutes
from test_errors import check_failure

DAY2 = 1795266000 * S
HOST = "6d1cf2ab5e3f4b0c9a7e8d1f2c3b4a59"


@pytest.fixture
def other_host(fixture_path, tmp_path):
    """The same on another host, ten seconds later."""
    path = tmp_path / "web2.db"
    shutil.copy(fixture_path, path)
    db = sqlite3.connect(path)
    db.executescript(f"""
        UPDATE recordings SET hostname = 'web2', host_id = 'other', started_us = started_us + 10 * {S},
                              ended_us = ended_us + 10 * {S};
        UPDATE processes SET started_us = started_us + 10 * {S};
        UPDATE batches SET committed_us = committed_us + 10 * {S},
                           first_time_us = first_time_us + 10 * {S}, last_time_us = last_time_us + 10 * {S},
                           intervals_from_us = intervals_from_us + 10 * {S},
                           intervals_until_us = intervals_until_us + 10 * {S};
        UPDATE events SET time_us = time_us + 10 * {S};
        UPDATE packed_rtt_samples SET since_2030_us = since_2030_us + 10 * {S};
        UPDATE listeners SET opened_us = opened_us + 10 * {S}, closed_us = closed_us + 10 * {S};
        UPDATE connections SET opened_us = opened_us + 10 * {S}, closed_us = closed_us + 10 * {S},
                               established_us = established_us + 10 * {S},
                               counters_us = counters_us + 10 * {S};""")
    sum_up_minutes(db)
    db.commit()
    db.close()
    return path


def merged(tmp_path, *paths):
    path = tmp_path / "all.db"
    result = run("merge", "--force", "-o", path, *paths)
    check_whole(path)
    assert run("verify", path).returncode == 0
    wrote, *notes = result.stderr.decode().splitlines(keepends=True)
    assert wrote.startswith(f"ctrack-query: wrote {path}: ")
    return path, "".join(notes)


# What a row says, whatever its ids are.
CONNECTIONS = """
    SELECT r.hostname, r.started_us, c.cookie, c.generation, c.opened_us, c.closed_us, c.local_address,
           c.peer_address, c.bytes_sent, c.outcome, p.pid, p.comm, p.cmdline, g.path,
           (SELECT path FROM cgroups WHERE id = c.socket_cgroup_id)
    FROM connections c JOIN recordings r ON r.id = c.recording_id
    JOIN processes p ON p.id = c.process_id JOIN cgroups g ON g.id = c.cgroup_id"""
HELD = """
    SELECT r.hostname, c.cookie, c.generation, x.*
    FROM {table} x JOIN connections c ON c.id = x.connection_id
    JOIN recordings r ON r.id = c.recording_id ORDER BY x.id"""
BATCHES = """
    SELECT r.hostname, b.committed_us, b.first_time_us, b.last_time_us, b.lost_sample_ring,
           b.last_event_id - b.first_event_id, b.last_rtt_sample_id - b.first_rtt_sample_id,
           b.last_interval_id - b.first_interval_id, b.intervals_from_us, b.intervals_until_us
    FROM batches b JOIN recordings r ON r.id = b.recording_id ORDER BY b.committed_us"""


def said(path, sql):
    """The rows, without the id and connection_id of HELD."""
    return [row[:3] + row[5:] if "x.*" in sql else row for row in rows(path, sql)]


def test_all_of_two_hosts(fixture_path, other_host, tmp_path):
    path, notes = merged(tmp_path, fixture_path, other_host)
    assert notes == ""
    for sql in (CONNECTIONS, HELD.format(table="events"), HELD.format(table="rtt_samples"),
                HELD.format(table="intervals"), BATCHES,
                "SELECT hostname, host_id, boot_id, started_us FROM recordings",
                "SELECT l.opened_us, l.local_port, p.pid FROM listeners l "
                "JOIN processes p ON p.id = l.process_id",
                "SELECT hostname, until_us, from_us, queue_len, queue_max, queue_limit, drops, local_port "
                "FROM accept_queues q JOIN listeners l ON l.id = q.listener_id "
                "JOIN recordings r ON r.id = q.recording_id AND r.id = l.recording_id",
                "SELECT hostname, until_us, from_us, netns, attempt_fails, resets_sent, listen_overflows, "
                "listen_drops, syn_queue_drops, syn_cookies_sent "
                "FROM netns_counters n JOIN recordings r ON r.id = n.recording_id"):
        assert sorted(map(repr, said(path, sql))) == sorted(
            map(repr, said(fixture_path, sql) + said(other_host, sql)))
    assert column(path, "SELECT id FROM recordings") == [1, 2, 3, 4]


def test_who_may_read_all_files_may_read_the_merged_one(fixture_path, other_host, tmp_path):
    mine, merged = tmp_path / "mine.db", tmp_path / "merged.db"
    shutil.copy(fixture_path, mine)

    def access(mine_mode, other_mode):
        mine.chmod(mine_mode)
        other_host.chmod(other_mode)
        run("merge", "--force", "-o", merged, mine, other_host)
        return oct(merged.stat().st_mode & 0o777)
    assert access(0o644, 0o640) == oct(0o640)
    assert access(0o604, 0o640) == access(0o600, 0o644) == oct(0o600)
    if os.geteuid() == 0:
        os.chown(mine, -1, 54321)
        assert access(0o644, 0o644) == oct(0o604)
        os.chown(other_host, -1, 54321)
        assert access(0o644, 0o644) == oct(0o644) and merged.stat().st_gid == 54321


def test_ids_ascend_with_time(fixture_path, other_host, tmp_path):
    path, _ = merged(tmp_path, fixture_path, other_host)
    commits = column(path, "SELECT committed_us FROM batches ORDER BY id")
    assert commits == sorted(commits)
    for name in ("event", "rtt_sample"):
        firsts = [id for id in column(path, f"SELECT first_{name}_id FROM batches ORDER BY id")
                  if id is not None]
        assert firsts == sorted(firsts)
    newest = report(path, "events", "-n", "2")
    times = column(path, "SELECT max(time_us) FROM events WHERE kind <> 8")
    assert newest[-1]["time_us"] == times[0]


def test_reports_over_both(fixture_path, other_host, tmp_path):
    path, _ = merged(tmp_path, fixture_path, other_host)
    assert len(report(path, "connections", "-n", "0")) == 56
    assert len(report(path, "failures", "-n", "0")) == 2 * len(
        report(fixture_path, "failures", "-n", "0"))
    assert sorted(row["lost"] for row in report(path, "losses")) == [1, 1, 12, 12]


def test_same_recording_once(fixture_path, tmp_path):
    path, notes = merged(tmp_path, fixture_path, fixture_path)
    assert notes.count("is left out") == 2
    assert sorted(said(path, CONNECTIONS), key=repr) == sorted(said(fixture_path, CONNECTIONS), key=repr)
    assert column(path, "SELECT count(*) FROM events") == [121]
    assert column(path, "SELECT sum(connections) FROM traffic") == [28]


@pytest.mark.parametrize("order", [1, -1])
def test_a_file_and_its_snapshot(fixture_path, tmp_path, order):
    cut = tmp_path / "cut.db"
    run("-r", fixture_path, "snapshot", "-b", DAY2 + 5 * S, "-e", DAY2 + 100 * S, "-o", cut)
    path, notes = merged(tmp_path, *[cut, fixture_path][::order])
    assert "cut.db is left out" in notes
    assert said(path, CONNECTIONS + " ORDER BY c.id") == said(fixture_path, CONNECTIONS + " ORDER BY c.id")
    assert rows(path, "SELECT * FROM snapshots") == []


def test_different_parts_of_one_recording(fixture_path, tmp_path):
    for name, begin, end in (("a.db", 5, 100), ("b.db", 200, 300)):
        run("-r", fixture_path, "snapshot", "-b", DAY2 + begin * S, "-e", DAY2 + end * S,
            "-o", tmp_path / name)
    result = run_query("merge", "-o", tmp_path / "all.db", tmp_path / "a.db", tmp_path / "b.db")
    check_failure(result, 1, "a.db", "b.db", "different parts of one recording of web1")
    assert not (tmp_path / "all.db").exists()


def test_snapshots_stay_marked(fixture_path, other_host, tmp_path):
    cut = tmp_path / "cut.db"
    run("-r", other_host, "snapshot", "-b", DAY2 + 5 * S, "-e", DAY2 + 100 * S, "-o", cut)
    path, _ = merged(tmp_path, fixture_path, cut)
    assert rows(path, "SELECT recording_id, begin_us FROM snapshots") == [
        (4, DAY2 + 10 * S)]  # which is when it begins


def test_owners(fixture_path, other_host, tmp_path):
    """Those of two hosts are apart, though pid and start are the same; of one they are one."""
    path, _ = merged(tmp_path, fixture_path, other_host)
    assert column(path, "SELECT count(*) FROM processes") == [31]
    assert column(path, "SELECT count(*) FROM cgroups") == [9]  # the same paths
    day1, day2 = tmp_path / "day1.db", tmp_path / "day2.db"
    run("-r", fixture_path, "snapshot", "-e", DAY2 - S, "-o", day1)
    run("-r", fixture_path, "snapshot", "-b", DAY2 - S, "-o", day2)
    path, notes = merged(tmp_path, day1, day2)
    assert notes == ""
    assert column(path, "SELECT count(*) FROM processes") == [16]
    assert said(path, CONNECTIONS + " ORDER BY 5, 3") == said(fixture_path, CONNECTIONS + " ORDER BY 5, 3")


def test_sums_are_added_up(fixture_path, other_host, tmp_path):
    for path, sent, least, pid in ((fixture_path, 5, 7, 1), (other_host, 6, 3, 2)):
        copy = tmp_path / f"sums{sent}.db"
        shutil.copy(path, copy)
        db = sqlite3.connect(copy)
        db.execute("INSERT INTO traffic_sums (begin_us, comm, peer_address, service_port, direction, "
                   "bytes_sent, rtt_min_us, rtt_max_us, pid) VALUES (0, 'a', '10.0.0.2', 1, 'active', ?, ?, NULL, ?)",
                   (sent, least, pid))
        db.execute("UPDATE retention SET kept_from_us = ?, deleted_rows = 4 WHERE kind = 'events'",
                   (sent,))
        db.commit()
        db.close()
    path, _ = merged(tmp_path, tmp_path / "sums5.db", tmp_path / "sums6.db")
    assert rows(path, "SELECT bytes_sent, rtt_min_us, rtt_max_us, pid FROM traffic_sums WHERE comm = 'a'") == [
        (11, 3, None, None)]
    assert rows(path, "SELECT kept_from_us, deleted_rows FROM retention WHERE kind = 'events'") == [(6, 8)]


def test_newer_sums_keep_their_owners(fixture_path, other_host, tmp_path):
    for path, comm in ((fixture_path, "a"), (other_host, "b")):
        copy = tmp_path / f"{comm}.db"
        shutil.copy(path, copy)
        db = sqlite3.connect(copy)
        counts = [column[1] for column in db.execute("PRAGMA table_info(traffic_recent)")][7:-2]
        db.execute(f"INSERT INTO traffic_recent (begin_us, comm, pid, peer_address, service_port, direction, "
                   f"{', '.join(counts)}) VALUES (0, ?, 7, '203.0.113.99', 1, 'active'{', 3' * len(counts)})", (comm,))
        db.commit()
        db.close()
    path, _ = merged(tmp_path, tmp_path / "a.db", tmp_path / "b.db")
    assert rows(path, "SELECT comm, pid, bytes_sent FROM traffic WHERE peer_address = '203.0.113.99' ORDER BY comm") == [
        ("a", 7, 3), ("b", 7, 3)]


MINUTES = """SELECT begin_us, comm, sum(connections), sum(bytes_sent), sum(rtt_samples) FROM minutes
             GROUP BY 1, 2 ORDER BY 1, 2"""


def test_minutes_of_two_hosts(fixture_path, other_host, tmp_path):
    path, _ = merged(tmp_path, fixture_path, other_host)
    assert column(path, "SELECT count(*) FROM minutes") == [
        sum(column(file, "SELECT count(*) FROM minutes")[0] for file in (fixture_path, other_host))]
    assert column(path, "SELECT sum(samples) FROM minute_rtts") == column(path, "SELECT count(*) FROM rtt_samples")


def test_minutes_of_a_recording_that_is_left_out(fixture_path, tmp_path):
    path, _ = merged(tmp_path, fixture_path, fixture_path)
    assert rows(path, MINUTES) == rows(fixture_path, MINUTES)


def test_of_merged_files(fixture_path, other_host, tmp_path):
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    run("merge", "-o", first, fixture_path, other_host)
    run("merge", "-o", second, first)
    assert said(second, CONNECTIONS + " ORDER BY c.id") == said(first, CONNECTIONS + " ORDER BY c.id")
    path, notes = merged(tmp_path, first, fixture_path)
    assert notes.count("is left out") == 2
    assert column(path, "SELECT count(*) FROM connections") == [56]


def test_sources_are_not_touched(fixture_path, other_host, tmp_path):
    before = digest(fixture_path), digest(other_host)
    merged(tmp_path, fixture_path, other_host)
    assert (digest(fixture_path), digest(other_host)) == before


def test_usage(fixture_path, tmp_path):
    check_failure(run_query("merge", fixture_path), 2, "merge needs -o")
    check_failure(run_query("merge", "-o", tmp_path / "x.db"), 2, "needs one more")
    check_failure(run_query("merge", "-o", tmp_path / "x.db", fixture_path, "-b", "today"), 2, "-b")
    check_failure(run_query("merge", "-o", tmp_path / "x.db", fixture_path, tmp_path / "no.db"), 1,
                  "no.db", "No such file")
    check_failure(run_query("merge", "--force", "-o", fixture_path, fixture_path), 2, "is the file")
    (tmp_path / "there.db").write_text("mine")
    check_failure(run_query("merge", "-o", tmp_path / "there.db", fixture_path), 1, "--force")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.db"]


def test_events_without_a_batch(fixture_path, tmp_path):
    path = tmp_path / "strays.db"
    shutil.copy(fixture_path, path)
    db = sqlite3.connect(path)
    db.execute("UPDATE batches SET first_event_id = NULL, last_event_id = NULL WHERE id = 3")
    db.commit()
    db.close()
    result = run_query("merge", "-o", tmp_path / "all.db", path)
    check_failure(result, 1, "strays.db: 2 events, samples or intervals are in no batch", "verify")


@pytest.mark.parametrize("column", ["first_event_id", "last_event_id", "last_rtt_sample_id"])
def test_ids_that_no_recorder_gives(fixture_path, tmp_path, column):
    path = tmp_path / "mutant.db"
    shutil.copy(fixture_path, path)
    for value in (9223372036854775807, -9223372036854775807):
        db = sqlite3.connect(path)
        db.execute(f"UPDATE batches SET {column} = {value} WHERE {column} IS NOT NULL")
        db.commit()
        db.close()
        check_failure(run_query("merge", "-o", tmp_path / "new.db", path), 1, "mutant.db", "verify")
