# SPDX-License-Identifier: Apache-2.0
"""A recorder under test and the file it makes."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time

ROOT = pathlib.Path(__file__).parent.parent.parent
RECORDER = os.path.abspath(os.environ.get("CTRACK_RECORDER", ROOT / "build/recorder/ctrack-recorder"))
QUERY = os.path.abspath(os.environ.get("CTRACK_QUERY", ROOT / "build/query/ctrack-query"))
START_TIMEOUT_S = 60  # on a machine however busy; one that ends is seen at once
STOP_TIMEOUT_S = 30
CAP_BPF = 1 << 39


def rows_of(file, sql, *parameters):
    """What the file answers, as a list of dicts."""
    db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in db.execute(sql, parameters)]
    finally:
        db.close()


class Recording:
    """Runs ctrack-recorder; stopped, its file is open for SQL as .rows()."""

    def __init__(self, db, *options, command=(), messages=None):
        self.db = str(db)
        self.messages = messages or self.db + ".messages"
        with open(self.messages, "wb") as out:
            self.process = subprocess.Popen(
                [*command, RECORDER, "--db", self.db, "--commit-interval", "100ms", *options],
                stderr=out, stdin=subprocess.DEVNULL)
        self._wait_until_attached()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def said(self):
        with open(self.messages, encoding="utf-8") as messages:
            return messages.read()

    def _wait_until_attached(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while "recording " not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"the recorder did not start: {self.said()}")
            time.sleep(0.02)

    def stop(self, with_signal=signal.SIGTERM):
        """Ends it in order; returns self for chaining."""
        self.process.send_signal(with_signal)
        assert self.process.wait(STOP_TIMEOUT_S) == 0, self.said()
        # The recorder writes without looking at the CHECK constraints; this does.
        assert self.value("PRAGMA integrity_check") == "ok"
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def kill_once_recorded(self, port):
        """As soon as both ends of the one connection to this port are in the file."""
        self.wait_for("SELECT count(*) = 2 FROM connections WHERE ? IN (local_port, peer_port)",
                      port)
        self.kill()

    def rows(self, sql, *parameters):
        return rows_of(self.db, sql, *parameters)

    def value(self, sql, *parameters):
        (row,) = self.rows(sql, *parameters)
        (value,) = row.values()
        return value

    def report(self, *arguments):
        """The rows of a report of ctrack-query as a list of dicts."""
        done = subprocess.run([QUERY, "-r", self.db, "-o", "json", *arguments],
                              capture_output=True, text=True, check=True, timeout=60)
        return json.loads(done.stdout)

    def partners(self):
        """The ids of both ends of each connection, as the report pairs tells them."""
        return {(row["client_id"], row["server_id"]) for row in self.report("pairs", "-n", "0")}

    def ends(self, port):
        """The rows of all connections to a server's port: (connecting, accepting)."""
        active = self.rows("SELECT * FROM connection_log WHERE direction = 'active' "
                           "AND peer_port = ? ORDER BY opened_us", port)
        passive = self.rows("SELECT * FROM connection_log WHERE direction = 'passive' "
                            "AND local_port = ? ORDER BY opened_us", port)
        return active, passive

    def both_ends(self, port):
        """Of the one connection there was."""
        active, passive = self.ends(port)
        assert len(active) == 1 and len(passive) == 1, (active, passive)
        return active[0], passive[0]

    def wait_for(self, sql, *parameters, timeout_s=30):
        """Until the growing file's answer to sql is true."""
        deadline = time.monotonic() + timeout_s
        while not self.value(sql, *parameters):
            assert time.monotonic() < deadline, f"never true: {sql}"
            time.sleep(0.05)


@contextlib.contextmanager
def paused(recording):
    """Nobody empties the rings meanwhile."""
    recording.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        recording.process.send_signal(signal.SIGCONT)


def wait_until_settled(recording, timeout_s=30):
    """Until it has given up CAP_BPF, as it does when the older sockets are adopted."""
    deadline = time.monotonic() + timeout_s
    while permitted(recording.process.pid) & CAP_BPF:
        assert recording.process.poll() is None and time.monotonic() < deadline, recording.said()
        time.sleep(0.02)


def permitted(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1], 16) for line in lines if line.startswith("CapPrm:"))
