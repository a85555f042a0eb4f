# SPDX-License-Identifier: Apache-2.0
"""Makes ctrack files and runs the real ctrack-query on them."""
import os
import pathlib
import sqlite3
import subprocess
import time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
QUERY = os.path.abspath(os.environ.get("CTRACK_QUERY", ROOT / "build/query/ctrack-query"))
RECORDER = os.path.abspath(os.environ.get("CTRACK_RECORDER", ROOT / "build/recorder/ctrack-recorder"))
SANITIZED = "ASAN_OPTIONS" in os.environ  # as scripts/test sets it for the sanitized build
APPLICATION_ID = 0x6374726B
SCHEMA = ROOT / "schema/schema.sql"
SUMS = [ROOT / "query/sql" / name for name in ("find_connections.sql", "sums_of_connections.sql")]
MINUTES = ROOT / "query/sql/minutes_of_rows.sql"


def sum_up(db):
    """Makes the sums of all connections, as if a recorder had written them."""
    for table in ("traffic_sums", "long_connections"):
        db.execute(f"DELETE FROM {table}")
    db.execute("""
        UPDATE batches SET (first_connection_id, last_connection_id) = (
          SELECT min(id), max(id) FROM connections c
          WHERE c.recording_id = batches.recording_id AND opened_us <= committed_us
            AND opened_us > coalesce((SELECT max(committed_us) FROM batches b
                                      WHERE b.recording_id = c.recording_id
                                        AND b.id < batches.id), 0))""")
    for sums in SUMS:
        db.executescript(sums.read_text())
    sum_up_minutes(db)


def sum_up_minutes(db):
    """Makes the minutes of all connections and samples."""
    db.execute("DELETE FROM minutes")
    db.executescript(MINUTES.read_text())


def let_insert(db):
    """The view rtt_samples takes rows, which are packed as a recorder does it."""
    db.executescript("""
        CREATE TEMP TRIGGER pack_samples INSTEAD OF INSERT ON rtt_samples BEGIN
          INSERT INTO packed_rtt_samples
          VALUES (new.id, new.connection_id, new.time_us - 1900000000000000,
                  iif(new.state = 1, new.rtt_us, -(16 * new.rtt_us + new.state)),
                  new.srtt_us - new.rtt_us);
        END;""")


def make_file(path, content):
    """A ctrack file with the newest schema and the rows of an SQL text."""
    db = sqlite3.connect(path)
    db.executescript(SCHEMA.read_text())
    let_insert(db)
    db.executescript(content)
    sum_up(db)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()


def recording(started_us, ended_us, end_kind):
    """The SQL that inserts recording 1."""
    return f"""
        INSERT INTO recordings (id, host_id, hostname, boot_id, kernel, ctrack_version,
                                cgroup_path, clock, clock_offset_us, rtt_source, rtt_mode,
                                options, started_us, ended_us, end_kind)
        VALUES (1, 'h', 'h', 'b', 'k', '0', '/', 'boottime', 0, 'measured', 'every', '',
                {started_us}, {ended_us}, '{end_kind}');"""


def alive(age_s=0, boot_id=None):
    """The SQL that makes recording 1 one of this boot, unless another is given, in which a
    recorder last wrote so long ago."""
    if boot_id is None:
        boot_id = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    boottime_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    now_ns = time.time_ns()
    return f"""
        UPDATE recordings SET boot_id = '{boot_id}', clock_offset_us = {(now_ns - boottime_ns) // 1000},
                              heartbeat_us = {now_ns // 1000} - {int(age_s * 1_000_000)};"""


# What the tests inherit, without the size of a terminal. The readline library sets that in the
# environment, and pytest loads it, so that the workers of its newer versions inherit it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}

# Root without its capabilities: file modes count.
UNPRIVILEGED = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []


def run_query(*arguments, cwd=None, stdout=subprocess.PIPE, command=(), **variables):
    environment = {**ENVIRONMENT, "TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8", **variables}
    return subprocess.run(
        [*command, QUERY, *map(str, arguments)], stdout=stdout, stderr=subprocess.PIPE,
        env=environment, cwd=cwd, timeout=60, check=False)


def on_terminal(path, *arguments, size=(40, 120), **environment):
    """What a terminal of so many rows and columns gets on stdout and stderr together."""
    if "PAGER" not in environment:
        environment.setdefault("CTRACK_PAGER", "cat")  # which is none
    command = ["python3", HERE / "terminal.py", *map(str, size)]
    return run_query("-r", path, *arguments, command=command, **environment)


class Query:
    """ctrack-query on one file. Runs in the file's folder, so that messages name
    it without a path that differs from run to run."""

    def __init__(self, path):
        self.path = path

    def __call__(self, *arguments):
        return run_query("-r", self.path.name, *arguments, cwd=self.path.parent)
