# SPDX-License-Identifier: Apache-2.0
"""The reports over an hour of three files against one file with the same rows."""

import contextlib
import os
import sqlite3
import subprocess

from . import driver
from .queries import FILTER, FILTERED, OF_A_MOMENT, REPORTS, WITHOUT_WINDOW, last_hour

SIZES = {False: (1_000_000, 6_000_000), True: (10_000_000, 60_000_000)}  # by --full
FILES = 3
BY = (("failures", "reason"), ("failures", "peer"), ("retransmits", "peer"), ("rtt", "peer"),
      ("rtt", "connection"), ("slowest", "p99"), ("top-talkers", "peer"))
BOUND = 1.5
ENOUGH_S = 3  # of one report


def generate(bench, number):
    """The part of the rows that one host has."""
    connections, samples = (size // FILES for size in SIZES[bench.full])
    path = bench.folder / f"host{number}.db"
    driver.say(f"{bench.name}: making {connections:,} connections, {samples:,} RTT samples")
    subprocess.run([driver.program("bench", "generate"), "--connections", str(connections),
                    "--samples", str(samples), "--seed", str(number + 1), path], check=True)
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE recordings SET hostname = ?1, host_id = ?1, boot_id = ?1",
                   (f"host{number}",))
    return path


def merge(bench, paths):
    driver.say(f"{bench.name}: putting them together")
    merged = bench.folder / "merged.db"
    subprocess.run([driver.program("query", "ctrack-query"), "merge", *paths, "-o", merged],
                   check=True)
    return merged


def cpu_s(files, *arguments):
    """CPU time of a report: other programs disturb it less than they do its length."""
    flags = [word for path in files for word in ("-r", path)]
    process = subprocess.Popen([driver.program("query", "ctrack-query"), *flags, *arguments],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, process.args)
    return usage.ru_utime + usage.ru_stime


def reports(hour):
    """What is asked, in words, and as arguments."""
    for report in REPORTS:
        if report in OF_A_MOMENT:
            yield f"{report}, at a moment", ("--at", hour[1], report)
        elif report not in WITHOUT_WINDOW:
            yield f"{report}, one hour", (*hour, report)
    for report, by in BY:
        yield f"{report} --by {by}, one hour", (*hour, report, "--by", by)
    for report in FILTERED:
        yield f"{report} {' '.join(FILTER)}, one hour", (*hour, *FILTER, report)


def several_files(bench):
    """Each report over an hour of three hosts' files, against one file that merge has made of them."""
    paths = [generate(bench, number) for number in range(FILES)]
    merged = merge(bench, paths)
    for quantity, arguments in reports(last_hour(merged)):
        one = driver.variant("one file", cpu_s, [merged], *arguments)
        several = driver.variant(f"{FILES} files", cpu_s, paths, *arguments)
        runs = max(1, min(bench.runs, int(ENOUGH_S / several())))
        yield bench.result(quantity, "one file", f"{FILES} files", "s CPU",
                           zip(*bench.alternate(one, several, runs=runs)),
                           target=driver.Target(BOUND))
