# SPDX-License-Identifier: Apache-2.0
"""One run of a load program beside something, and what it cost."""

import dataclasses

from . import running


@dataclasses.dataclass
class Run:
    """CPU times are microseconds for each round (a connection, a round trip)."""
    rounds: int
    per_s: float
    load_us: float    # of the load's processes: what the hook costs is in there
    beside_us: float  # of the recorder, or what else ran beside
    busy_us: float    # of the whole machine, by its ticks: a cross-check
    failures: int

    @property
    def total_us(self):
        return self.load_us + self.beside_us


def run(load, beside, examine=None):
    """load: a command. beside: called with the namespace, a context manager around the
    run; what it yields may have a .cpu_s afterwards. examine(beside, namespace, run) is
    called when all has ended but the namespace."""
    with running.namespace() as namespace:
        busy_s = running.busy_s()
        with beside(namespace) as helper:
            done = namespace.load(*load)
        busy_s = running.busy_s() - busy_s
        result = of_counts(done, getattr(helper, "cpu_s", 0), busy_s)
        if examine:
            examine(helper, namespace, result)
    return result


def of_counts(done, beside_s, busy_s):
    def each(seconds):
        return seconds * 1e6 / done["rounds"]

    return Run(rounds=done["rounds"], per_s=done["rounds"] / done["seconds"],
               load_us=each(done["cpu_s"]), beside_us=each(beside_s), busy_us=each(busy_s),
               failures=done["failures"])


def pairs(baseline, measured, attribute):
    return [(getattr(a, attribute), getattr(b, attribute)) for a, b in zip(baseline, measured)]


def alone(measured, attribute):
    """Pairs without a baseline."""
    return [(None, getattr(b, attribute)) for b in measured]
