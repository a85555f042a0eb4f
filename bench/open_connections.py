# SPDX-License-Identifier: Apache-2.0
"""What the walks over open connections cost: all idle, or all moving."""

import contextlib
import time

from . import driver, memory, running

IDLE_ENDS = 100_000   # each is a row of connections; a connection over loopback has two
MOVING_ENDS = 10_000
SETTLE_S = 25         # what their opening brings is in the file then
MEASURED_S = 30
RUNS = 2


class Walked:
    """CPU of the recorder, in percent of one, while so many ends are open."""

    def __init__(self, bench, ends, moves, *options):
        self.label = " ".join(["ctrack-recorder", *options])
        self.bench, self.ends, self.moves, self.options = bench, ends, moves, options

    def __call__(self):
        with contextlib.ExitStack() as stack:
            namespace = stack.enter_context(running.namespace())
            recorder = stack.enter_context(
                running.Recorder(self.bench.folder, namespace.cgroup, *self.options))
            loads = stack.enter_context(memory.held(namespace, self.ends))
            if self.moves:
                self._move(loads)
            time.sleep(SETTLE_S)
            self._measure(recorder.process.pid, recorder)
        recorder.remove()
        return self.percent

    def _move(self, loads):
        for load in loads:
            load.stdin.write(f"move {SETTLE_S + MEASURED_S + 5}\n")
            load.stdin.flush()

    def _measure(self, pid, recorder):
        began_s, began_rows = running.cpu_s(pid), self._rows(recorder)
        time.sleep(MEASURED_S)
        self.percent = 100 * (running.cpu_s(pid) - began_s) / MEASURED_S
        self.rows_per_s = (self._rows(recorder) - began_rows) / MEASURED_S

    @staticmethod
    def _rows(recorder):
        return recorder.value("SELECT coalesce(max(id), 0) FROM packed_intervals")


def results(bench, ends, moves, target):
    driver.say(f"{bench.name}: {ends:,} ends of connections")
    without, usual = Walked(bench, ends, moves, "--interval", "off"), Walked(bench, ends, moves)
    pairs = [(without(), usual()) for _ in range(RUNS)]
    yield bench.result(f"CPU with {ends:,} ends open", without.label, usual.label, "% of a CPU",
                       pairs, target=driver.Target(target, of="median"),
                       notes=[f"{usual.rows_per_s:,.0f} intervals a second"])


def idle(bench):
    """The recorder's CPU with 100,000 open connections that do nothing."""
    yield from results(bench, IDLE_ENDS, False, 1.5)


def moving(bench):
    """The recorder's CPU with 10,000 open connections of which each moves something each second."""
    yield from results(bench, MOVING_ENDS, True, 3)
