# SPDX-License-Identifier: Apache-2.0
"""From a batch in memory to committed SQLite rows."""

import contextlib
import json
import sqlite3
import subprocess

from . import driver

AGAINST_BINDING = 2
AGAINST_CEILING = 0.9
SAMPLE_BYTES = 25
CONNECTION_BYTES = 345
SAMPLES_PER_SECOND = 1_500_000  # a first guess of how many make a run last
CONNECTIONS_PER_SECOND = 50_000


def tables_bytes(path, *tables):
    """In pages, with what is free in them."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        return sum(db.execute("SELECT pgsize FROM dbstat WHERE name = ? AND aggregate = TRUE",
                              (table,)).fetchone()[0] for table in tables)


def written(bench, way, rows, *tables):
    """What the program said, with the bytes that each row takes in these tables."""
    path = bench.folder / "written.db"
    done = subprocess.run([driver.program("bench", "write-path"), way, path, "--rows", str(rows)],
                          stdout=subprocess.PIPE, check=True)
    run = json.loads(done.stdout)
    run["bytes"] = tables_bytes(path, *tables) / run["rows"]
    for file in bench.folder.glob("written.db*"):
        file.unlink()
    return run


def per_s(runs, clock="wall_s"):
    return [run["rows"] / run[clock] for run in runs]


def alone(values):
    return [(None, value) for value in values]


def samples(bench):
    rows = int(bench.seconds * SAMPLES_PER_SECOND)
    variants = [driver.variant(way, written, bench, way, rows, "packed_rtt_samples")
                for way in ("bind", "bare", "writer")]
    return bench.alternate(*variants)


def sample_results(bench):
    bind, bare, writer = samples(bench)

    def against(runs, label, bound):
        return bench.result("RTT samples per second", label, "Writer", "1/s",
                            zip(per_s(runs), per_s(writer)),
                            target=driver.Target(bound, at_least=True))

    yield against(bind, "bind and step", AGAINST_BINDING)
    yield against(bare, "bare INSERT..SELECT", AGAINST_CEILING)
    yield bench.result("file per RTT sample", "", "Writer", "bytes",
                       alone(run["bytes"] for run in writer),
                       target=driver.Target(SAMPLE_BYTES, of="median"))


def connection_results(bench):
    rows = int(bench.seconds * CONNECTIONS_PER_SECOND)
    runs, = bench.alternate(driver.variant("connections", written, bench, "connections", rows,
                                          "connections", "events"))
    yield bench.result("connections with their events per second", "", "Writer", "1/s",
                       alone(per_s(runs)))
    yield bench.result("file per connection with its events", "", "Writer", "bytes",
                       alone(run["bytes"] for run in runs),
                       target=driver.Target(CONNECTION_BYTES, of="median"))


def write_path(bench):
    """Rows per second through the Writer, and bytes of each, against other ways into SQLite."""
    yield from sample_results(bench)
    yield from connection_results(bench)
