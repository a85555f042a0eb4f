# SPDX-License-Identifier: Apache-2.0
"""What every benchmark is made of: runs that alternate with those of a baseline, and
results that hold each pair."""

import dataclasses
import functools
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-bench"


QUIET = 0.10  # of the machine's time: what other programs may take


class Unavailable(Exception):
    """What this machine lacks for a benchmark, or for a part of one."""


@dataclasses.dataclass
class Target:
    """A bound for the ratio, or for what is measured."""
    bound: float
    of: str = "ratio"  # or "median", or "worst": of all runs
    at_least: bool = False

    def met(self, result):
        value = self.value(result)
        return value >= self.bound if self.at_least else value <= self.bound

    def value(self, result):
        if self.of == "ratio":
            return result.ratio
        if self.of == "median":
            return result.medians[1]
        measured = [pair[1] for pair in result.pairs]
        return min(measured) if self.at_least else max(measured)

    def text(self, unit):
        number = f"x{self.bound:g}" if self.of == "ratio" else f"{self.bound:g} {unit}".rstrip()
        return f"{'>=' if self.at_least else '<='} {number}"


@dataclasses.dataclass
class Result:
    """One line of the table. A pair is (baseline, measured); without a baseline the first
    is None. Notes say what else was seen, and why a figure is not to be trusted."""
    name: str
    quantity: str
    baseline: str
    measured: str
    unit: str
    pairs: list
    target: Target | None = None
    notes: list = dataclasses.field(default_factory=list)

    @property
    def medians(self):
        return [None if None in column else statistics.median(column)
                for column in zip(*self.pairs)]

    @property
    def ratio(self):
        ratios = [b / a for a, b in self.pairs if a]
        return statistics.median(ratios) if ratios else None

    @property
    def met(self):
        return self.target.met(self) if self.target else None


class Bench:
    """Given to each benchmark: how often to run, where the programs are, a folder for
    what it writes, which is gone afterwards unless kept."""

    def __init__(self, name, arguments):
        self.name = name
        self.runs = arguments.runs
        self.seconds = arguments.seconds  # of one run, about
        self.retries = arguments.retries
        self.patience_s = arguments.patience
        self.others = []  # of each run, what part of the machine other programs took
        self.full = arguments.full
        self.keep = arguments.keep
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"ctrack-bench-{name}."))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.keep:
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder)

    def alternate(self, *variants, runs=None):
        """Calls each variant in turn, runs times over, there and back, so that none always
        comes after the same one: A B B A A B ... A list of what each returned, by variant."""
        returned = [[] for _ in variants]
        runs = runs or self.runs
        for number in range(runs):
            for variant, values in list(zip(variants, returned))[::-1 if number % 2 else 1]:
                say(f"{self.name}: run {number + 1} of {runs}, {label_of(variant)}")
                values.append(self.undisturbed(variant))
        return returned

    def undisturbed(self, variant):
        """A run that other programs disturbed is made again, a few times at most."""
        for _ in range(1 + self.retries):
            wait_until_idle(self.patience_s)
            value = variant()
            others = getattr(value, "others", 0)
            if others <= QUIET:
                break
        self.others.append(others)
        return value

    def disturbance(self):
        """A word of warning, if there is one to be given."""
        disturbed = [share for share in self.others if share > QUIET]
        return disturbed and (f"not quiet: other programs took up to {max(disturbed):.0%} of the "
                              f"machine in {len(disturbed)} of {len(self.others)} runs")

    def result(self, quantity, baseline, measured, unit, pairs, **more):
        return Result(self.name, quantity, baseline, measured, unit, list(pairs), **more)


def variant(label, function, *arguments):
    """A call for Bench.alternate."""
    made = functools.partial(function, *arguments)
    made.label = label
    return made


def busy_s():
    """Of all CPUs, by the kernel's sampling at each tick."""
    user, nice, system, _, _, irq, softirq, *_ = map(
        int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def wait_until_idle(patience_s):
    """So that no run pays for the one before it."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        before = busy_s()
        time.sleep(0.3)
        if busy_s() - before < 0.05:
            return


def label_of(variant):
    """Its attribute of that name, or the function's name."""
    return getattr(variant, "label", None) or variant.__name__.replace("_", " ")


def say(text):
    """Where the run is: on stderr, on one line if that is a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def program(*parts):
    """Path of something that was built."""
    return str(BUILD.joinpath(*parts))


def need(*commands):
    missing = [command for command in commands if not shutil.which(command)]
    if missing:
        raise Unavailable(f"{', '.join(missing)} not found: scripts/setup --bench")


def build():
    if not (BUILD / "build.ninja").exists():
        run_quietly("meson", "setup", BUILD, ROOT, "-Dbench=true")
    run_quietly("ninja", "-C", BUILD, "bench-programs")


def run_quietly(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}bench: {command[0]} failed")
