# SPDX-License-Identifier: Apache-2.0
"""The commands of ctrack-query on files that a recorder writes, has written, or left when
it was killed: verify finds nothing wrong with any of them."""

import hashlib
import pathlib
import socket
import sqlite3
import subprocess
import threading

from recording import QUERY, Recording


def query(*arguments):
    result = subprocess.run([QUERY, *map(str, arguments)], capture_output=True, check=False,
                            text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def converse(times):
    """So many connections to a server of our own, and as many refused ones."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer():
            for _ in range(times):
                with server.accept()[0] as end:
                    end.sendall(end.recv(100))
        thread = threading.Thread(target=answer)
        thread.start()
        for _ in range(times):
            with socket.create_connection(server.getsockname()) as end:
                end.sendall(b"hello")
                assert end.recv(100) == b"hello"
        thread.join()
    for _ in range(times):
        with socket.socket() as end:
            assert end.connect_ex(("127.0.0.1", 1)) != 0


def connections(path):
    db = sqlite3.connect(path)
    try:
        return db.execute("SELECT count(*) FROM connections").fetchone()[0]
    finally:
        db.close()


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def test_while_it_records(tmp_path, only_us):
    with Recording(tmp_path / "running.db", *only_us) as recording:
        converse(20)
        recording.wait_for("SELECT count(*) = 60 FROM connections WHERE closed_us IS NOT NULL")
        assert "wrong" not in query("verify", recording.db)
        query("-r", recording.db, "snapshot", "-o", tmp_path / "cut.db")
        converse(20)
        recording.stop()
    assert "wrong" not in query("verify", tmp_path / "cut.db")
    assert connections(tmp_path / "cut.db") == 60
    assert "wrong" not in query("verify", recording.db)
    query("merge", "-o", tmp_path / "all.db", tmp_path / "cut.db", recording.db)
    assert connections(tmp_path / "all.db") == connections(recording.db) == 120
    assert "wrong" not in query("verify", tmp_path / "all.db")


def test_of_a_killed_recorder(tmp_path, only_us):
    with Recording(tmp_path / "killed.db", *only_us) as recording:
        converse(20)
        recording.wait_for("SELECT count(*) = 60 FROM connections WHERE closed_us IS NOT NULL")
        recording.kill()
    files = [recording.db, recording.db + "-wal"]
    before = [digest(path) for path in files]
    assert "the recorder runs" in query("verify", recording.db)  # for all that is known so soon
    query("-r", recording.db, "snapshot", "-o", tmp_path / "cut.db")
    assert [digest(path) for path in files] == before
    assert connections(tmp_path / "cut.db") == 60
    assert "wrong" not in query("verify", tmp_path / "cut.db")
