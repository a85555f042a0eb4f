# SPDX-License-Identifier: Apache-2.0
"""Another program takes the file from the recorder that writes it: the recorder goes on in a new
one, and counts what is gone."""

import os
import pathlib
import shutil
import sqlite3
import subprocess

import pytest

from recording import QUERY, Recording
from servers import connected_pair, exchange, short_connection, wait_until

NEW_FILE = "recording into a new file"


@pytest.fixture
def recording(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us) as running:
        yield running


def record_some(recording, number=5):
    for _ in range(number):
        short_connection()
    recording.wait_for("SELECT count(*) >= ? FROM connections WHERE closed_us IS NOT NULL",
                       2 * number)
    return recording.value("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM rtt_samples)")


def wait_for_new_file(recording):
    wait_until(lambda: NEW_FILE in recording.said())
    (line,) = [line for line in recording.said().splitlines() if NEW_FILE in line]
    return line


def lost_with_file(recording):
    return recording.value("SELECT coalesce(sum(lost), 0) FROM loss_log WHERE cause = 'file'")


def set_aside(folder):
    return sorted(path for path in folder.iterdir() if ".aside-" in path.name)


def check_goes_on(recording):
    """The new file has what comes, and what was open; it is whole and one file."""
    port = short_connection()
    recording.stop()
    assert all(row["outcome"] == "closed" for row in recording.both_ends(port))
    assert recording.value("SELECT group_concat(end_kind) FROM recordings") == "stopped"
    assert recording.rows("PRAGMA foreign_key_check") == []
    assert not os.path.exists(recording.db + "-wal")


def test_deleted(recording):
    recorded = record_some(recording)
    client, server, port = connected_pair()
    recording.wait_for("SELECT count(*) = 2 FROM connections WHERE outcome = 'open'")
    for suffix in ("", "-wal", "-shm"):
        os.unlink(recording.db + suffix)
    assert "was deleted" in wait_for_new_file(recording)
    client.close()
    server.close()
    check_goes_on(recording)
    assert recorded <= lost_with_file(recording) <= recorded + 10
    assert f"lost {lost_with_file(recording)}" in recording.said().splitlines()[-1]
    assert {row["outcome"] for row in recording.both_ends(port)} == {"closed"}


def test_deleted_alone(recording):
    """Its log stays where it was, and must not become that of the new file."""
    recorded = record_some(recording)
    os.unlink(recording.db)
    assert "was deleted" in wait_for_new_file(recording)
    check_goes_on(recording)
    assert lost_with_file(recording) >= recorded


def test_moved(recording, tmp_path):
    """Nothing is lost: the old file has the old, whole."""
    recorded = record_some(recording)
    os.rename(recording.db, tmp_path / "old.db")
    assert f"was moved to {tmp_path}/old.db" in wait_for_new_file(recording)
    check_goes_on(recording)
    assert lost_with_file(recording) == 0
    old = sqlite3.connect(tmp_path / "old.db")
    assert old.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert old.execute("SELECT count(*) FROM events").fetchone()[0] <= recorded
    assert old.execute("SELECT count(*) >= 10 FROM connections WHERE outcome = 'closed'").fetchone()[0]
    assert old.execute("SELECT end_kind FROM recordings").fetchall() == [("stopped",)]
    old.close()


def test_what_is_open_when_the_file_is_moved(recording, tmp_path):
    """In the new file it is older than the recording, as after a start; its beginning is known."""
    client, server, port = connected_pair()
    exchange(client, server, b"q" * 100, b"r" * 200)
    recording.wait_for("SELECT count(*) = 2 FROM connections WHERE outcome = 'open'")
    os.rename(recording.db, tmp_path / "old.db")
    wait_for_new_file(recording)
    exchange(client, server, b"q" * 1000, b"r" * 2000)
    client.close()
    server.close()
    recording.stop()
    old = sqlite3.connect(tmp_path / "old.db")
    began = "SELECT direction, start_kind, opened_us, established_us FROM connections ORDER BY 1"
    before = [(*row,) for row in old.execute(began)]
    old.close()
    assert [row[1] for row in before] == ["seen", "seen"]
    assert [tuple(row.values()) for row in recording.rows(began)] == [
        (direction, "preexisting", *times) for direction, _, *times in before]
    active, passive = recording.both_ends(port)
    assert active["bytes_sent"] == passive["bytes_received"] == 1100  # all that the kernel counted
    merged = tmp_path / "merged.db"
    subprocess.run([QUERY, "merge", tmp_path / "old.db", recording.db, "-o", merged], check=True,
                   capture_output=True)
    subprocess.run([QUERY, "verify", merged], check=True, capture_output=True)
    sums = f"SELECT sum(bytes_sent) FROM traffic WHERE service_port = {port} AND direction = 'active'"
    both = sqlite3.connect(merged)
    assert both.execute(sums).fetchall() == [(1100,)]  # each byte once
    both.close()
    assert (active["outcome"], passive["outcome"]) == ("closed", "closed")


def test_moved_while_somebody_reads(recording, tmp_path):
    """Its log cannot be emptied then, and goes along."""
    record_some(recording)
    reader = sqlite3.connect(recording.db, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM connections").fetchall()
    recorded = record_some(recording, 10)
    os.rename(recording.db, tmp_path / "old.db")
    wait_for_new_file(recording)
    reader.close()
    check_goes_on(recording)
    assert lost_with_file(recording) == 0
    old = sqlite3.connect(tmp_path / "old.db")
    assert old.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert old.execute("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM rtt_samples)"
                       ).fetchone()[0] >= recorded
    old.close()


def test_replaced(recording, tmp_path):
    recorded = record_some(recording)
    (tmp_path / "other").write_text("somebody's")
    os.rename(tmp_path / "other", recording.db)
    assert "was replaced by another file" in wait_for_new_file(recording)
    check_goes_on(recording)
    assert lost_with_file(recording) >= recorded
    (aside,) = set_aside(tmp_path)
    assert aside.read_text() == "somebody's"


@pytest.mark.parametrize("pages", [0, 5])
def test_cut_short(recording, pages):
    recorded = record_some(recording)
    os.truncate(recording.db, pages * 8192)
    assert "was cut short" in wait_for_new_file(recording)
    check_goes_on(recording)
    assert lost_with_file(recording) >= recorded


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_what_stands_beside_it_is_deleted(recording, tmp_path, suffix):
    """Nothing is lost: all of it goes into the old file, which is kept."""
    recorded = record_some(recording)
    os.unlink(recording.db + suffix)
    assert f"{recording.db}{suffix} was deleted" in wait_for_new_file(recording)
    check_goes_on(recording)
    assert lost_with_file(recording) == 0
    (aside,) = set_aside(tmp_path)
    old = sqlite3.connect(aside)
    assert old.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert old.execute("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM rtt_samples)"
                       ).fetchone()[0] >= recorded
    assert old.execute("SELECT end_kind FROM recordings").fetchall() == [("stopped",)]
    old.close()


def test_the_folder_is_deleted(tmp_path, only_us):
    folder = tmp_path / "folder"
    with Recording(folder / "a.db", *only_us, messages=tmp_path / "messages") as recording:
        record_some(recording)
        shutil.rmtree(folder)
        wait_for_new_file(recording)
        check_goes_on(recording)


def test_vacuum_takes_nothing_away(recording):
    """The file becomes shorter, but it is whole."""
    record_some(recording)
    other = sqlite3.connect(recording.db, isolation_level=None)
    other.execute("CREATE TABLE ballast (x)")
    other.execute("INSERT INTO ballast SELECT zeroblob(3000000)")
    other.execute("PRAGMA wal_checkpoint")
    record_some(recording, 10)
    size = pathlib.Path(recording.db).stat().st_size
    other.execute("DROP TABLE ballast")
    other.execute("VACUUM")
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    assert pathlib.Path(recording.db).stat().st_size < size - 2_000_000
    record_some(recording, 15)
    check_goes_on(recording)
    assert NEW_FILE not in recording.said()
