# SPDX-License-Identifier: Apache-2.0
"""Nothing is lost in silence: each record that the kernel program sent is in the file
or counted. Those of a connection become one row of events each; those that a process sends
of itself at its first connect() or listen(), and of its listeners, do not."""

import re
import socket

import pytest

from recording import Recording, paused
from servers import exchange, pair_from
from storm import LongLived, Storm
from storm_rows import (CLIENT_EVENTS, EVENTS_OF_BOTH, SERVER_EVENTS, Recorded, check_closed,
                        check_identity)

SMALLEST_RINGS = ["--ring-size", "4096"]


def losses(recording):
    """{cause: number}; none where nothing was lost."""
    rows = recording.rows("SELECT cause, sum(lost) AS lost FROM loss_log GROUP BY cause")
    return {row["cause"]: row["lost"] for row in rows}


def stored(recording, table):
    return recording.value(f"SELECT count(*) FROM {table}")


def told_samples(recording):
    """How many the one line about them says; what is lost within a minute of it has none."""
    (told,) = re.findall(r"^lost ([0-9,]+) RTT samples \(sample ring full\)$", recording.said(), re.M)
    return int(told.replace(",", ""))


def counted_samples(recording):
    return recording.value("SELECT sum(rtt_samples) FROM connections")


@pytest.mark.storm
def test_all_that_was_made_is_stored(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us) as recording, Storm(5000) as storm:
        logs = storm.finish()
        recording.stop()
        recorded = Recorded(recording)
        made = [made for log in logs for made in log]
        for connection in made:
            recorded.check_whole(connection)
        assert losses(recording) == {}
        assert stored(recording, "connections") == 2 * len(made)
        assert sum(map(len, recorded.events.values())) == EVENTS_OF_BOTH * len(made)
        assert stored(recording, "rtt_samples") == counted_samples(recording)


def test_lost_samples_are_counted_and_summaries_stay_exact(tmp_path, only_us):
    # There is room for all lifecycle records, and for 2,048 samples.
    with (Recording(tmp_path / "a.db", "--ring-size", "64K", *only_us) as recording,
          LongLived(20) as long_lived):
        with paused(recording):
            for number in range(20):
                for _ in range(10 * number):
                    long_lived.exchange(number)
        long_lived.close_half()
        recording.stop()
        recorded = Recorded(recording)
        lost = losses(recording)
        assert lost.keys() == {"sample_ring"} and lost["sample_ring"] > 500
        assert 0 < told_samples(recording) <= lost["sample_ring"]
        assert counted_samples(recording) == stored(recording, "rtt_samples") + lost["sample_ring"]
        for number in range(20):
            outcome = "closed" if long_lived.is_closed(number) else "open"
            recorded.check_pair(long_lived, number, ("seen", outcome))


def test_lost_lifecycle_records_are_counted_and_rows_stay_true(tmp_path, only_us):
    with (socket.create_server(("127.0.0.1", 0)) as listener,  # older: tells nothing of itself
          Recording(tmp_path / "a.db", *SMALLEST_RINGS, *only_us) as recording):
        port = listener.getsockname()[1]
        with paused(recording):
            for _ in range(50):
                client, server = pair_from(listener)
                client.close()
                server.close()
        recording.wait_for("SELECT count(*) FROM events")  # the ring is empty again
        client, server = pair_from(listener)
        exchange(client, server, b"q" * 10, b"r" * 20)
        client.close()
        server.close()
        recording.stop()
        lost = losses(recording)["lifecycle_ring"]
        assert stored(recording, "events") + lost == 51 * EVENTS_OF_BOTH
        client_row, server_row = (rows[-1] for rows in recording.ends(port))
        assert client_row["outcome"] == server_row["outcome"] == "closed"
        assert (client_row["bytes_sent"], client_row["bytes_received"]) == (10, 20)


def is_part_of(events, all_events):
    """In the same order, with gaps."""
    rest = iter(all_events)
    return all(event in rest for event in events)


def check_what_is_left(recorded, made):
    """Of a connection some of whose records were lost. Returns what its rows ended as."""
    for row, is_client in recorded.ends(made):
        events = recorded.events.get(row["id"], [])
        assert is_part_of(events, CLIENT_EVENTS if is_client else SERVER_EVENTS)
        assert row["outcome"] == ("closed" if "close" in events else "lost")
        assert row["rtt_samples"] >= recorded.samples.get(row["id"], [0])[0]
        if row["outcome"] == "closed":
            check_closed(row, made, is_client)
        elif row["local_port"] is not None:
            check_identity(row, made, is_client)
        else:  # nothing but single events: it is not known whose they are
            assert row["pid"] is None and row["bytes_sent"] == row["bytes_received"] == 0
    return [row["outcome"] for row, _ in recorded.ends(made)]


@pytest.mark.storm
def test_each_record_is_stored_or_counted_as_lost(tmp_path, only_us):
    with (Recording(tmp_path / "a.db", *SMALLEST_RINGS, *only_us) as recording,
          Storm(4000, go=False) as storm):
        recording.wait_for("SELECT sum(outcome = 'closed') = 4 FROM connections")
        assert losses(recording) == {}  # both processes have told of themselves
        with paused(recording):
            storm.go()
            storm.wait_until_half()
        logs = storm.finish()
        # The walks, every 10 s, find what has ended unseen.
        recording.wait_for("SELECT count(*) = 0 FROM connections WHERE outcome = 'open'",
                           timeout_s=40)
        recording.stop()
        recorded = Recorded(recording)
        lost = losses(recording)
        made = [made for log in logs for made in log]
        assert lost.keys() == {"lifecycle_ring", "sample_ring"}
        assert stored(recording, "events") + lost["lifecycle_ring"] == EVENTS_OF_BOTH * len(made)
        outcomes = [outcome for connection in made
                    for outcome in check_what_is_left(recorded, connection)]
        assert set(outcomes) == {"closed", "lost"} and len(outcomes) < 2 * len(made)
        recorded.check_nothing_else(logs, 0)
