# SPDX-License-Identifier: Apache-2.0
"""The fixture agrees with itself, so the expected outputs can be trusted."""
import sqlite3

import pytest


@pytest.fixture
def rows(fixture_path):
    db = sqlite3.connect(fixture_path)
    yield lambda sql: db.execute(sql).fetchall()
    db.close()


def test_references(rows):
    assert rows("PRAGMA foreign_key_check") == []
    assert rows("PRAGMA integrity_check") == [("ok",)]


def test_summaries_match_samples_but_for_those_lost(rows):
    wrong = rows("""
        SELECT c.id, c.rtt_samples - count(s.id) FROM connections c
        LEFT JOIN rtt_samples s ON s.connection_id = c.id
        GROUP BY c.id
        HAVING c.rtt_samples <> count(s.id) OR c.rtt_min_us IS NOT min(s.rtt_us)
            OR c.rtt_max_us IS NOT max(s.rtt_us) OR c.rtt_sum_us <> total(s.rtt_us)""")
    lost = rows("SELECT sum(lost_sample_ring) FROM batches")[0][0]
    assert wrong == [(5, lost)]


def test_ends(rows):
    assert rows("""
        SELECT id FROM connections
        WHERE closed_us < opened_us OR (closed_us IS NULL) <> (outcome IN ('open', 'lost'))""") == []


def test_events_match_connections(rows):
    def times(kind):
        return rows(f"""SELECT connection_id, time_us, value FROM events
                        WHERE kind = (SELECT id FROM event_kinds WHERE name = '{kind}')
                        ORDER BY connection_id""")
    assert times("close") + times("attempt") == rows(
        "SELECT id, closed_us, errno FROM connections WHERE closed_us IS NOT NULL "
        "ORDER BY generation = 0, id")
    assert times("established") == rows(
        "SELECT id, established_us, connect_us FROM connection_log WHERE connect_us IS NOT NULL")
    assert times("accept") == rows(
        "SELECT id, opened_us, 0 FROM connections WHERE direction = 'passive' ORDER BY id")
    assert times("preexisting") == rows(
        "SELECT id, opened_us, 0 FROM connections WHERE start_kind = 'preexisting'")


def test_retransmissions_match(rows):
    assert rows("""
        SELECT c.id FROM connections c LEFT JOIN events e ON e.connection_id = c.id
        GROUP BY c.id
        HAVING c.retrans_segs <> coalesce(sum(e.value) FILTER (WHERE e.kind = 5), 0)
            OR c.rtos <> coalesce(max(e.value) FILTER (WHERE e.kind = 6), 0)""") == []


@pytest.mark.parametrize("table, first, last", [
    ("events", "first_event_id", "last_event_id"),
    ("rtt_samples", "first_rtt_sample_id", "last_rtt_sample_id")])
def test_batches_cover_each_row_once(rows, table, first, last):
    assert rows(f"""
        SELECT t.id, count(b.id) FROM {table} t
        JOIN connections c ON c.id = t.connection_id
        LEFT JOIN batches b ON t.id BETWEEN b.{first} AND b.{last}
          AND t.time_us BETWEEN b.first_time_us AND b.last_time_us
          AND b.recording_id = c.recording_id
        GROUP BY t.id HAVING count(b.id) <> 1""") == []


def test_intervals_add_up(rows):
    assert rows("SELECT count(*) FROM intervals") == [(21,)]
    assert rows("""
        SELECT c.id FROM connections c LEFT JOIN connection_intervals i ON i.connection_id = c.id
        GROUP BY c.id
        HAVING count(i.id) > 0 <> c.has_intervals OR c.has_intervals AND
          (sum(i.bytes_sent), sum(i.bytes_received)) <>
          (c.bytes_sent - c.bytes_sent_before, c.bytes_received - c.bytes_received_before)""") == []
