# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: a recorder reads its config file again, or stops if its terminal has gone."""

import contextlib
import fcntl
import os
import pty
import signal
import sqlite3
import subprocess
import termios

import pytest

from recording import RECORDER, STOP_TIMEOUT_S, Recording
from servers import connected_pair, exchange, short_connection, wait_until

NO_TERMINAL = ("setsid",)  # these tests may run in one


class Configured:
    """A recorder and its config file."""

    def __init__(self, folder, *options):
        self.config = folder / "recorder.conf"
        self.options = ["--config", str(self.config), *options]
        self.recording = None
        self.db = folder / "a.db"

    def write(self, *lines):
        self.config.write_text("".join(f"{line}\n" for line in lines))

    @contextlib.contextmanager
    def start(self):
        with Recording(self.db, *self.options, command=NO_TERMINAL) as self.recording:
            yield self.recording

    def reread(self, *lines, said="read the options again"):
        """Waits for the answer, and returns all that was said since."""
        self.write(*lines)
        before = len(self.recording.said())
        self.recording.process.send_signal(signal.SIGHUP)
        wait_until(lambda: said in self.recording.said()[before:])
        return self.recording.said()[before:]


@pytest.fixture
def configured(tmp_path, only_us):
    return Configured(tmp_path, *only_us)


def options_of(recording):
    return recording.value("SELECT options FROM recordings").splitlines()


def test_what_can_change_does(configured):
    configured.write("max-size=1G")
    with configured.start() as recording:
        answer = configured.reread("max-size=128M", "max-age=1h", "rtt=off", "ring-size=1M",
                                   said="only a restart")
        first, last = answer.splitlines()
        assert first.endswith(
            "read the options again: max-size=128M, max-age=3600000ms (before: max-size=1G, max-age=off)")
        assert last.endswith("only a restart can set rtt=off, lifecycle-ring=1M, sample-ring=1M")
        recording.wait_for("SELECT options LIKE '%max-size=128M%' FROM recordings")
        lines = options_of(recording)
        assert {"max-size=128M", "max-age=3600000ms", "rtt=every", "sample-ring=16M"} <= set(lines)
        assert lines[-2].startswith("max-size=1G until 20") and lines[-1].startswith("max-age=off until 20")
        port = short_connection()
        recording.stop()
        assert recording.both_ends(port)
        assert recording.value("SELECT count(*) FROM recordings") == 1


def test_the_command_line_wins(configured):
    configured.write("max-size=1G")
    configured.options += ["--max-size", "256M"]
    with configured.start() as recording:
        assert "nothing changes" in configured.reread("max-size=128M")
        recording.stop()
        assert "max-size=256M" in options_of(recording)


def test_a_bad_file_changes_nothing(configured):
    configured.write("max-size=1G")
    with configured.start() as recording:
        answer = configured.reread("max-age=1h", "max-sze=128M", said="stay as they were")
        assert answer.count("\n") == 1
        assert f"{configured.config}:2: there is no option max-sze: did you mean max-size?" in answer
        os.unlink(configured.config)
        before = len(recording.said())
        recording.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "cannot read" in recording.said()[before:])
        port = short_connection()
        recording.stop()
        assert recording.both_ends(port)
        assert {"max-size=1G", "max-age=off"} <= set(options_of(recording))


def test_a_shorter_age_deletes(configured):
    configured.write("max-age=off")
    with configured.start() as recording:
        port = short_connection()
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE ? IN (local_port, peer_port)", port)
        configured.reread("max-age=1s")

        def has_gone():
            short_connection()
            return not any(recording.ends(port))
        wait_until(has_gone, timeout_s=40)
        recording.stop()


def test_a_shorter_interval_looks_sooner(configured):
    configured.write("interval=10s")
    with configured.start() as recording:
        client, server, _ = connected_pair()
        configured.reread("interval=100ms")

        def has_intervals():
            exchange(client, server, b"q" * 10, b"r" * 20)
            return recording.value("SELECT count(DISTINCT until_us) FROM intervals") >= 3
        wait_until(has_intervals, timeout_s=8)
        client.close()
        server.close()
        recording.stop()


def test_a_longer_commit_interval_is_told_at_once(configured, tmp_path):
    """Else a reader would take the recorder for dead until the next commit."""
    configured.write("commit-interval=100ms")
    with contextlib.ExitStack() as stack:
        process = subprocess.Popen([*NO_TERMINAL, RECORDER, "--db", str(configured.db), *configured.options],
                                   stderr=open(tmp_path / "messages", "wb"))
        stack.callback(process.wait)
        stack.callback(process.kill)
        said = (tmp_path / "messages").read_text
        wait_until(lambda: "recording /" in said(), timeout_s=20)
        configured.write("commit-interval=1h")
        process.send_signal(signal.SIGHUP)

        def is_told():
            with contextlib.closing(sqlite3.connect(f"file:{configured.db}?mode=ro", uri=True)) as db:
                return db.execute("SELECT heartbeat_interval_us FROM recordings").fetchone() == (3600_000_000,)
        wait_until(is_told)


def test_quiet_and_verbose(configured):
    configured.write("quiet=false")
    with configured.start() as recording:
        configured.reread("verbose=true")
        short_connection()
        wait_until(lambda: "commit: " in recording.said())
        configured.reread("quiet=true")
        recording.stop()
        assert "stopped: " not in recording.said()


def in_terminal(*command):
    """Starts a recorder as the leader of a session whose terminal is a new one: (process, the other
    end of the terminal)."""
    other_end, terminal = pty.openpty()

    def take_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # it is ignored if these tests run under nohup
    process = subprocess.Popen(command, stdin=terminal, stderr=terminal, stdout=subprocess.DEVNULL,
                               start_new_session=True, preexec_fn=take_terminal)
    os.close(terminal)
    return process, other_end


def wait_until_recorded(other_end):
    shown = b""
    while b"recording /" not in shown:
        shown += os.read(other_end, 4096)


def test_a_terminal_that_goes_away_stops_it(tmp_path):
    db = tmp_path / "a.db"
    process, other_end = in_terminal(RECORDER, "--db", str(db))
    wait_until_recorded(other_end)
    os.close(other_end)
    assert process.wait(STOP_TIMEOUT_S) == 0
    assert not os.path.exists(f"{db}-wal")


def test_one_that_is_to_outlive_its_terminal_does(tmp_path):
    config = tmp_path / "c"
    config.write_text("max-size=1G\n")
    messages = tmp_path / "messages"
    process, other_end = in_terminal("sh", "-c", f"trap '' HUP; exec '{RECORDER}' --config '{config}' "
                                     f"--db '{tmp_path}/a.db' 2> '{messages}'")
    try:
        wait_until(lambda: messages.exists() and "recording /" in messages.read_text(), timeout_s=20)
        os.close(other_end)
        wait_until(lambda: "read the options again" in messages.read_text())
        assert process.poll() is None
        process.terminate()
        assert process.wait(STOP_TIMEOUT_S) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
