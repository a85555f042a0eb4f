# SPDX-License-Identifier: Apache-2.0
"""The installed unit under test: its state, its file and its journal."""

import contextlib
import json
import os
import pathlib
import subprocess
import time

from recording import rows_of

UNIT = "ctrack-recorder.service"
FOLDER = pathlib.Path("/var/lib/ctrack")
DB = FOLDER / "ctrack.db"
DROP_IN = pathlib.Path(f"/run/systemd/system/{UNIT}.d/test.conf")
# Where the CPU is emulated, all takes longer.
PATIENCE_S = 240 if "CTRACK_EMULATED" in os.environ else 40


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True)


def systemctl(*arguments, check=True):
    return run("systemctl", *arguments, UNIT, check=check)


def show(name):
    """A property of the unit."""
    return systemctl("show", "--value", "-p", name).stdout.strip()


def main_pid():
    return int(show("MainPID"))


def wait_for(condition, timeout_s=PATIENCE_S):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, systemctl("status", check=False).stdout
        time.sleep(0.05)


@contextlib.contextmanager
def changed(*lines):
    """With these lines more in its section [Service]."""
    DROP_IN.parent.mkdir(parents=True, exist_ok=True)
    DROP_IN.write_text("\n".join(["[Service]", *lines, ""]), encoding="utf-8")
    run("systemctl", "daemon-reload")
    try:
        yield
    finally:
        DROP_IN.unlink()
        run("systemctl", "daemon-reload")


def clean():
    """Stopped, as if it had never run."""
    systemctl("stop")
    systemctl("reset-failed", check=False)
    for file in FOLDER.glob("ctrack.db*"):
        file.unlink()


@contextlib.contextmanager
def running():
    """From a new file to the stop, after which the file is whole."""
    clean()
    systemctl("start")
    try:
        yield
        systemctl("stop")
    finally:
        systemctl("stop", check=False)


def rows(sql, *parameters):
    return rows_of(DB, sql, *parameters)


def value(sql, *parameters):
    (row,) = rows(sql, *parameters)
    (only,) = row.values()
    return only


def query(*arguments):
    """The rows of a report as a list of dicts."""
    return json.loads(run(os.environ["CTRACK_QUERY"], "-r", str(DB), "-o", "json", *arguments).stdout)


def assert_file_is_whole():
    """One file, in which everything fits together."""
    assert [file.name for file in FOLDER.glob("*")] == [DB.name]
    done = run(os.environ["CTRACK_QUERY"], "verify", str(DB), check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert value("SELECT count(*) FROM recordings WHERE end_kind = 'running'") == 0


def journal(since="-1h"):
    """What the unit's programs have put into the journal, oldest first, as dicts."""
    run("journalctl", "--sync", check=False)
    lines = run("journalctl", "-u", UNIT, "-o", "json", "--since", since, "--no-pager").stdout
    return [json.loads(line) for line in lines.splitlines()]


def journal_of(invocation):
    """Of one run of the unit, named by its InvocationID, which a stopped unit has no more."""
    return [entry for entry in journal() if entry.get("_SYSTEMD_INVOCATION_ID") == invocation]


def journal_of_this_run():
    return journal_of(show("InvocationID"))
