# SPDX-License-Identifier: Apache-2.0
"""The reports over a day of invented traffic."""

import contextlib
import os
import sqlite3
import subprocess
import time

from . import driver, flows

SIZES = {False: (1_000_000, 10_000_000), True: (10_000_000, 100_000_000)}  # by --full
BUSY = 100  # connections that move something in each second, as intervals tell
ROLL_UPS = ("top-talkers", "processes", "summary")
REPORTS = (*ROLL_UPS, "slowest", "failures", "connections", "active", "pairs", "listeners",
           "events", "rtt", "rate", "retransmits", "resets", "churn", "containers", "recordings",
           "losses", "info")
WITHOUT_WINDOW = ("info",)
OF_A_MOMENT = ("active",)
OF_MINUTES = (("rtt",), ("rtt", "--by", "port"), ("rtt", "--by", "process"), ("rate",))  # over everything
FILTERED = ("connections", "summary", "slowest", "rtt", "rate", "top-talkers")
FILTER = ("-c", "nginx")
BY = (("rate", "--by", "port"), ("top-talkers", "--by", "peer"))
ROLL_UP_S = 0.1
MINUTES_S = 0.3
HOUR_S = 1
ONE_S = 0.05
LONG_S = 3  # what takes longer is not run often
HOUR_US = 3_600_000_000


def generate(bench):
    connections, samples = SIZES[bench.full]
    path = bench.folder / "day.db"
    driver.say(f"{bench.name}: making {connections:,} connections, {samples:,} RTT samples")
    subprocess.run([driver.program("bench", "generate"), "--connections", str(connections),
                    "--samples", str(samples), "--busy", str(BUSY), path], check=True)
    return path


def seconds_of(*command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def forget(path):
    """Makes the kernel drop its copy of the file: the next read comes from the disk."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Query:
    """A run of ctrack-query: the first one cold, then warm as often as it is worth."""

    def __init__(self, bench, path, *arguments):
        self.bench, self.path = bench, path
        self.command = (driver.program("query", "ctrack-query"), "-r", path, *arguments)

    def run(self):
        forget(self.path)
        cold = seconds_of(*self.command)
        first = seconds_of(*self.command)
        more = 0 if first > LONG_S else self.bench.runs - 1
        return cold, [first, *(seconds_of(*self.command) for _ in range(more))]


def timed(bench, quantity, path, bound, *arguments):
    driver.say(f"{bench.name}: {quantity}")
    cold, warm = Query(bench, path, *arguments).run()
    target = bound and driver.Target(bound, of="median")
    return bench.result(quantity, "", "ctrack-query", "s", [(None, value) for value in warm],
                        target=target, notes=[f"not in memory: {cold:.3g} s"])


def last_hour(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        until = db.execute("SELECT max(ended_us) FROM recordings").fetchone()[0]
    return "-b", str((until - HOUR_US) // 1_000_000), "-e", str(until // 1_000_000)


def report_results(bench, path):
    hour = last_hour(path)
    for report in REPORTS:
        if report in OF_A_MOMENT:
            yield timed(bench, f"{report}, at a moment", path, HOUR_S, "--at", hour[1], report)
        elif report not in WITHOUT_WINDOW:
            yield timed(bench, f"{report}, one hour", path, HOUR_S, *hour, report)
        bound = ROLL_UP_S if report in ROLL_UPS else None
        if (report,) not in OF_MINUTES:
            yield timed(bench, f"{report}, all", path, bound, report)
    for words in OF_MINUTES:
        yield timed(bench, f"{' '.join(words)}, all", path, MINUTES_S, *words)
    for words in BY:
        yield timed(bench, f"{' '.join(words)}, one hour", path, HOUR_S, *hour, *words)
    for report in FILTERED:
        yield timed(bench, f"{report} {' '.join(FILTER)}, one hour", path, HOUR_S, *hour, *FILTER,
                    report)


def one_connection(bench, path):
    sql = "SELECT * FROM {} WHERE {} = 4711"
    yield timed(bench, "a connection by id", path, ONE_S, "sql", sql.format("connection_log", "id"))
    for view in ("connection_events", "connection_rtt"):
        yield timed(bench, f"its rows of {view}", path, ONE_S, "sql",
                    sql.format(view, "connection_id"))


def against_nfdump(bench, path):
    """Both say which pairs of ends moved most bytes; nfdump knows no programs."""
    folder = bench.folder / "flows"
    driver.say(f"{bench.name}: giving the same flows to nfdump")
    arrived = flows.convert(path, folder)
    talkers = driver.variant("top-talkers", seconds_of, driver.program("query", "ctrack-query"),
                             "-r", path, "top-talkers")
    for options in ("-s ip/bytes", "-A srcip,dstip -O bytes"):
        nfdump = driver.variant(options, seconds_of, "nfdump", "-R", folder, *options.split(),
                                "-n", "20", "-q")
        nfdump()
        yield bench.result("top talkers, all", f"nfdump {options}", "top-talkers", "s",
                           zip(*bench.alternate(nfdump, talkers)), target=driver.Target(1),
                           notes=[f"nfdump has {arrived:,} flows"])


def queries(bench):
    """Each report over an hour and over a day (--full: of 10 million connections), and nfdump."""
    path = generate(bench)
    yield from report_results(bench, path)
    yield from one_connection(bench, path)
    yield from against_nfdump(bench, path)
