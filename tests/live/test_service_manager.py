# SPDX-License-Identifier: Apache-2.0
"""What the recorder tells whoever has started it as a service (sd_notify(3)); the test is that
manager here. tests/service has systemd itself."""
import contextlib
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

from disks import ext4, needs_ext4
from recording import Recording
from servers import short_connection

# Longer than a loaded machine keeps the recorder from going round once.
WATCHDOG_S = 5


class Manager:
    """Started with .command before it, the recorder tells this."""

    def __init__(self, folder):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{folder}/notify")
        self.socket.settimeout(0.1)
        self.command = ["env", f"NOTIFY_SOCKET={folder}/notify",
                        f"WATCHDOG_USEC={WATCHDOG_S * 1_000_000}"]
        self.told = []

    def hear(self):
        with contextlib.suppress(TimeoutError):
            while True:
                self.told += self.socket.recv(4096).decode().split("\n")

    def wait_for(self, *beginnings, timeout_s=40):
        """Until it has been told a line with each of these beginnings, in this order."""
        deadline = time.monotonic() + timeout_s
        while True:
            self.hear()
            lines = iter(self.told)
            if all(any(line.startswith(wanted) for line in lines) for wanted in beginnings):
                return
            assert time.monotonic() < deadline, self.told


@pytest.fixture
def manager(tmp_path):
    return Manager(tmp_path)


def capabilities_of_other_threads(pid):
    """That of the log, and the one that says that the loop lives."""
    statuses = [task.joinpath("status").read_text(encoding="utf-8")
                for task in pathlib.Path(f"/proc/{pid}/task").iterdir() if task.name != str(pid)]
    return [int(re.search(r"^CapPrm:\t(.*)$", status, re.M)[1], 16) for status in statuses]


def test_ready_alive_stopping(manager, tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us, command=manager.command) as recording:
        manager.wait_for("READY=1", "WATCHDOG=1", "STATUS=0 open ", "WATCHDOG=1")
        assert capabilities_of_other_threads(recording.process.pid) == [0, 0]
        recording.stop()
        manager.wait_for("READY=1", "STOPPING=1")
    assert manager.told.count("READY=1") == 1
    assert all(line.split("=")[0] in ("READY", "WATCHDOG", "STATUS", "STOPPING")
               for line in manager.told)


def test_not_ready_where_nothing_can_be_recorded(manager, tmp_path):
    with pytest.raises(AssertionError, match="did not start"):
        Recording(tmp_path / "a.db", "--cgroup", str(tmp_path), command=manager.command)
    manager.hear()
    assert manager.told == []


def test_no_sign_of_life_while_it_is_stopped(manager, tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us, command=manager.command) as recording:
        manager.wait_for("WATCHDOG=1")
        recording.process.send_signal(signal.SIGSTOP)
        manager.hear()
        manager.told.clear()
        time.sleep(WATCHDOG_S)
        manager.hear()
        recording.process.send_signal(signal.SIGCONT)
        assert manager.told == []
        manager.wait_for("WATCHDOG=1")


@contextlib.contextmanager
def frozen(folder):
    """Who writes there waits in the kernel, as for a disk that does not answer."""
    subprocess.run(["fsfreeze", "--freeze", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["fsfreeze", "--unfreeze", folder], check=True)


@needs_ext4
@pytest.mark.slow
def test_alive_while_the_disk_does_not_answer(manager, tmp_path, only_us):
    with ext4(tmp_path / "disk", "100M"), \
            Recording(tmp_path / "disk/a.db", *only_us, command=manager.command,
                      messages=tmp_path / "messages") as recording:
        with frozen(tmp_path / "disk"):
            port = short_connection()
            manager.wait_for("STATUS=the disk has not answered for ")
            manager.told.clear()
            manager.wait_for(*["WATCHDOG=1"] * 15)  # ten in each timeout
        recording.stop()
        assert [row["outcome"] for row in recording.both_ends(port)] == ["closed", "closed"]
