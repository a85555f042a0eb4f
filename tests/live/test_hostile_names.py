# SPDX-License-Identifier: Apache-2.0
"""Names that others choose, as a terminal would obey them: processes, cgroups, paths and a config
file. The terminal gets none of them as they are; a log gets the same lines."""

import contextlib
import os
import pty
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from urllib.parse import quote

import pytest

from conftest import new_cgroup
from recording import QUERY, RECORDER, STOP_TIMEOUT_S
from servers import wait_until

EVIL = "\x1b]0;owned\x07\x1b[31m\u202e\x9b2J\nctrack-recorder: all is well\r"
# What a terminal obeys, or shows nothing for.
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COMM = "\x1b[31m\nall\r\u202e"  # the kernel keeps 15 bytes

CLIENT = """
import ctypes, socket, sys
ctypes.CDLL(None).prctl(15, sys.argv[1].encode(), 0, 0, 0)
with open(sys.argv[2] + "/cgroup.procs", "w") as members:
    members.write("0")
socket.create_connection(("127.0.0.1", int(sys.argv[3]))).close()
sys.stdin.read()
"""
RECORDED = """SELECT comm, cmdline, cgroup_path FROM connection_log
              WHERE cmdline LIKE '%owned%' AND outcome IS NOT NULL"""


@pytest.fixture
def evil_cgroup():
    with new_cgroup(f"{EVIL.replace(chr(10), '')} {os.getpid()}") as path:
        yield path


class OnTerminal:
    """A recorder whose standard error is a terminal."""

    def __init__(self, db, config):
        self.screen, terminal = pty.openpty()
        os.set_blocking(self.screen, False)
        self.shown = b""
        self.process = subprocess.Popen(
            [RECORDER, "--db", db, "-v", "--config", config, "--commit-interval", "100ms"],
            stderr=terminal, stdin=subprocess.DEVNULL, start_new_session=True)
        os.close(terminal)

    def look(self):
        """All that was shown so far."""
        with contextlib.suppress(OSError):
            while chunk := os.read(self.screen, 10_000):
                self.shown += chunk
        return self.shown.decode()

    def wait_until_said(self, text):
        wait_until(lambda: text in self.look(), timeout_s=20)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        wait_until(lambda: self.look() and self.process.poll() is not None, timeout_s=STOP_TIMEOUT_S)
        assert self.process.returncode == 0
        return self.look()


@pytest.fixture
def recorder(tmp_path):
    """(recorder, its file, its config file), both in a folder with a hostile name."""
    folder = tmp_path / EVIL
    folder.mkdir()
    config = folder / "conf"
    config.write_text("max-age=1d\n")
    running = OnTerminal(folder / "a.db", config)
    yield running, folder / "a.db", config
    running.process.kill()
    running.process.wait()


@contextlib.contextmanager
def client(cgroup, executable):
    """A process that has had a connection."""
    with socket.create_server(("127.0.0.1", 0)) as server, subprocess.Popen(
            [executable, "-c", CLIENT, COMM, cgroup, str(server.getsockname()[1]), EVIL],
            stdin=subprocess.PIPE) as process:
        server.accept()[0].close()
        yield process


def recorded(db):
    file = sqlite3.connect(f"file:{quote(str(db))}?mode=ro", uri=True)
    try:
        return file.execute(RECORDED).fetchall()
    finally:
        file.close()


def is_safe(text):
    unstyled = text.replace("\r\n", "\n").replace("\r\x1b[K", "")
    assert not (found := OBEYED.search(unstyled)), (found, text)
    assert not re.search("^(ctrack-recorder: )?all", unstyled, re.MULTILINE)
    return True


def test_nothing_acts_on_the_terminal_or_in_the_log(tmp_path, evil_cgroup, recorder):
    running, db, config = recorder
    executable = tmp_path / EVIL.replace("/", "") / "python"
    os.symlink(sys.executable, executable)
    running.wait_until_said("recording ")
    with client(evil_cgroup, executable):
        wait_until(lambda: recorded(db))
    db.rename(f"{db}{EVIL}")
    running.wait_until_said("recording into a new file")
    config.write_text(f"{EVIL}=1\n")
    running.process.send_signal(signal.SIGHUP)
    running.wait_until_said("the options stay as they were")
    shown = running.stop()
    assert is_safe(shown)
    assert r"\x1b]0;owned" in shown
    ((comm, cmdline, cgroup),) = recorded(f"{db}{EVIL}")
    assert comm.startswith("\x1b[31m\n") and EVIL in cmdline and "\x1b]0;owned" in cgroup
    for report in (["events"], ["processes", "-w"], ["slowest", "-w"]):
        told = subprocess.run([QUERY, "-r", f"{db}{EVIL}", *report, "-n", "0"], check=True,
                              capture_output=True)
        assert is_safe((told.stdout + told.stderr).decode())
