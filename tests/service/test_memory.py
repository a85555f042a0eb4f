# SPDX-License-Identifier: Apache-2.0
"""The memory that the unit grants, and what happens when it is not enough."""
import contextlib
import pathlib
import resource
import socket

import pytest

from servers import short_connection
from service import (UNIT, assert_file_is_whole, changed, clean, journal_of_this_run, main_pid, rows, run,
                     running, show, systemctl, wait_for)

MIB = 1 << 20
RINGS = 80 * MIB  # by default


def memory(name):
    """Of the unit's cgroup, in bytes."""
    return int(pathlib.Path(f"/sys/fs/cgroup{show('ControlGroup')}/memory.{name}").read_text(encoding="ascii"))


@pytest.fixture(autouse=True)
def controller():
    controllers = pathlib.Path("/sys/fs/cgroup/cgroup.controllers").read_text(encoding="ascii")
    if "memory" not in controllers.split():
        pytest.skip("cgroup2 has no memory controller here")


@contextlib.contextmanager
def bounded(limit):
    """From now on, whatever the unit says."""
    run("systemctl", "set-property", "--runtime", UNIT, f"MemoryMax={limit}")
    try:
        yield
    finally:
        run("systemctl", "set-property", "--runtime", UNIT, "MemoryMax=1G")


@contextlib.contextmanager
def many_connections(count):
    resource.setrlimit(resource.RLIMIT_NOFILE, [resource.getrlimit(resource.RLIMIT_NOFILE)[1]] * 2)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        held = []
        try:
            for _ in range(count):
                held.append(socket.create_connection(listener.getsockname()))
                held.append(listener.accept()[0])
            yield
        finally:
            for sock in held:
                sock.close()


def test_rings_and_maps_are_charged_to_the_unit():
    """They are the kernel's, so that ps shows them only as far as they have been read."""
    with running():
        at_rest = memory("current")
        print(f"at rest: {at_rest / MIB:.1f} MiB")
        assert RINGS < at_rest < RINGS + 40 * MIB
        with many_connections(2000):
            wait_for(lambda: any(row["n"] >= 4000 for row in rows(
                "SELECT count(*) AS n FROM connections WHERE outcome = 'open'")))
            print(f"with 4,000 ends open: {memory('current') / MIB:.1f} MiB")


def test_a_bound_below_the_rings_is_an_error_that_says_so():
    with changed("MemoryMax=64M", "Restart=no"):
        clean()
        assert systemctl("start", check=False).returncode != 0
        wait_for(lambda: show("ActiveState") == "failed")
        said = [entry["MESSAGE"] for entry in journal_of_this_run()
                if entry.get("SYSLOG_IDENTIFIER") == "ctrack-recorder" and entry.get("PRIORITY") == "3"]
        print(show("Result"), said)
        assert len(said) == 1 and "--ring-size" in said[0]
        clean()


def test_a_recorder_that_outgrows_the_bound_is_killed_and_a_new_one_goes_on():
    with changed("RestartSec=1s"), running():
        port = short_connection()
        wait_for(lambda: rows("SELECT 1 FROM connections WHERE local_port = ?", port))
        killed = main_pid()
        with bounded(memory("current") + MIB), many_connections(8000):
            wait_for(lambda: main_pid() != killed)
        wait_for(lambda: main_pid() not in (0, killed) and show("ActiveState") == "active")
        later = short_connection()
    assert_file_is_whole()
    ends = [row["end_kind"] for row in rows("SELECT end_kind FROM recordings ORDER BY id")]
    assert ends[0] == "crashed" and ends[-1] == "stopped"
    assert rows("SELECT 1 FROM connections WHERE local_port = ?", port)
    assert rows("SELECT 1 FROM connections WHERE local_port = ?", later)
