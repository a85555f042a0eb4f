# SPDX-License-Identifier: Apache-2.0
"""One run of a load program beside something, and what it cost."""

import dataclasses
import os
import time

from . import driver, running


@dataclasses.dataclass
class Run:
    """CPU times are microseconds for each round (a connection, a round trip)."""
    rounds: float
    per_s: float
    load_us: float    # of the load's processes: what the hook costs is in there
    beside_us: float  # of the recorder, or what else ran beside
    busy_us: float    # of the whole machine, by its ticks: a cross-check
    failures: int
    others: float = 0  # share of the machine's time that was none of ours
    p99_us: float | None = None  # where the load tells

    @property
    def total_us(self):
        return self.load_us + self.beside_us


def program(name, *arguments):
    """One of our load programs, to be given to run()."""
    return lambda namespace: namespace.load(driver.program("bench", name), *arguments)


def run(load, beside, examine=None):
    """load: called with the namespace, gives what a load program says. beside: called
    with it too, a context manager around the load; what it yields may have a .cpu_s
    afterwards. examine(beside, namespace, run) is called when all has ended but the
    namespace."""
    with running.namespace() as namespace:
        busy_s, began_s = driver.busy_s(), time.monotonic()
        with beside(namespace) as helper:
            done = load(namespace)
        busy_s = driver.busy_s() - busy_s
        result = of_counts(done, getattr(helper, "cpu_s", 0), busy_s)
        ours_s = (done["cpu_s"] + getattr(helper, "cpu_at_start_s", 0) +
                  getattr(helper, "cpu_s", 0))
        result.others = (busy_s - ours_s) / (time.monotonic() - began_s) / os.cpu_count()
        if examine:
            examine(helper, namespace, result)
    return result


def of_counts(done, beside_s, busy_s):
    def each(seconds):
        return seconds * 1e6 / done["rounds"]

    return Run(rounds=done["rounds"], per_s=done["rounds"] / done["seconds"],
               load_us=each(done["cpu_s"]), beside_us=each(beside_s), busy_us=each(busy_s),
               failures=done["failures"], p99_us=done.get("p99_us"))


class Variant:
    """Loads beside one thing."""

    def __init__(self, label, load, beside=lambda _: running.nothing()):
        self.label = label
        self.load = load
        self.beside = beside

    def __call__(self):
        return run(self.load, self.beside, self.examine)

    def examine(self, helper, namespace, result):
        """Adds to the run what the helper left behind."""


class Recorded(Variant):
    """Beside ctrack-recorder."""

    def __init__(self, bench, label, load, *options):
        super().__init__(label, load, lambda namespace: running.Recorder(
            bench.folder, namespace.cgroup, *options))

    def examine(self, recorder, namespace, result):
        result.ends = recorder.ends(namespace.inode)
        result.samples_per_s = (recorder.samples(namespace.inode) * result.per_s / result.rounds)
        result.samples_missing = recorder.samples_missing(namespace.inode)
        result.lost = recorder.lost()
        result.bytes_each = recorder.bytes() / result.rounds
        recorder.remove()


def pairs(baseline, measured, attribute):
    return [(getattr(a, attribute), getattr(b, attribute)) for a, b in zip(baseline, measured)]


def alone(measured, attribute):
    """Pairs without a baseline."""
    return [(None, getattr(b, attribute)) for b in measured]


def completeness(bench, label, measured):
    """Whether the file has all connections."""
    none = driver.Target(0, of="worst")
    rows = [(None, 2 * run.rounds - run.ends) for run in measured]
    yield bench.result("rows missing of 2 for each connection", "", label, "rows", rows,
                       target=none)
    yield bench.result("records lost", "", label, "records", alone(measured, "lost"),
                       target=none)
    yield bench.result("file per connection", "", label, "bytes",
                       alone(measured, "bytes_each"))
