# SPDX-License-Identifier: Apache-2.0
"""A wait that was seen when a connection's row was written is over if the connection has moved
something since, as intervals tell."""
import json
import shutil
import sqlite3

import pytest

from query_driver import Query, run_query

PYTHON, SSHD = 11, 3  # they wait for their peers until the recording ends
SINCE_S = 7  # so long before that python has sent something last


def answers(query, *arguments):
    result = query(*arguments, "-o", "json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def moved(fixture_path, tmp_path):
    """The fixture, in which python has moved something so long after its counters were read."""
    def make(later_us):
        path = shutil.copy(fixture_path, tmp_path / "moved.db")
        with sqlite3.connect(path) as db:
            (until_us,) = db.execute("SELECT counters_us + ? FROM connections WHERE id = ?",
                                     (later_us, PYTHON)).fetchone()
            (interval,) = db.execute("SELECT max(id) + 1 FROM packed_intervals").fetchone()
            db.execute("INSERT INTO packed_intervals VALUES (?, ?, 10, 0, 128, 0)",
                       (interval, PYTHON))
            db.execute("INSERT INTO batches (recording_id, committed_us, first_time_us, last_time_us,"
                       " first_interval_id, last_interval_id, intervals_from_us, intervals_until_us)"
                       " SELECT recording_id, ?2, ?1, ?2, ?3, ?3, ?1, ?2 FROM connections WHERE id = ?4",
                       (until_us - 1_000_000, until_us, interval, PYTHON))
        return Query(path)
    return make


def waiting(query):
    return {row["id"]: row["waits_for"] for row in answers(query, "active") if row["waits_for"]}


def story(query):
    return answers(query, "connection", str(PYTHON))[0]


@pytest.mark.parametrize("later_us, waits", [(0, True), (1_000_000, False)])
def test_a_connection_that_has_moved_since_waits_no_more(moved, later_us, waits):
    query = moved(later_us)
    assert (PYTHON in waiting(query)) == waits
    assert waiting(query)[SSHD] == "peer"
    assert bool(answers(query, "connections", "waits_for peer and pid = 950")) == waits
    slow = {row["id"]: row["answer_us"] for row in answers(query, "slowest", "--by", "wait")}
    assert (slow[PYTHON] >= SINCE_S * 1_000_000) == waits
    row = story(query)
    assert ("it waits for the peer" in row["end_in_words"]) == waits
    assert (row["wait_for_peer_us"] >= SINCE_S * 1_000_000) == waits


def test_each_file_is_looked_at(moved, fixture_path):
    rows = json.loads(run_query("-r", fixture_path, moved(1_000_000).path, "active", "-o", "json").stdout)
    waiting_ids = [row["id"] % 10**14 for row in rows if row["waits_for"]]
    assert sorted(waiting_ids) == [SSHD, SSHD, PYTHON]
