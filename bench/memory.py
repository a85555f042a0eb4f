# SPDX-License-Identifier: Apache-2.0
"""The recorder's memory while many connections are open."""

import contextlib
import pathlib
import resource
import statistics
import time

from . import driver, running

ENDS = 100_000       # each is a row of connections; a connection over loopback has two
CHURN_PER_S = 500    # connections closed and made anew
CHURN_S = 60
WALKS_S = 25         # two walks, which refresh every row
TARGET_MIB = 64
RINGS = "anon_inode:bpf-map"
MIB = 1 << 20


def kind_of(name):
    """What a mapping is for, by its name in smaps."""
    if name.startswith(RINGS):
        return "rings"
    if name.endswith("-shm"):
        return "index of the log"
    if name == "[heap]" or name == "" or name.startswith("["):
        return "heap and stacks"
    return "program and libraries"


def resident(pid):
    """Bytes by kind. Of lifecycle rings each page is mapped twice; smaps counts both."""
    sums, kind = {}, None
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        fields = line.split(maxsplit=5)
        if not fields[0].endswith(":"):
            kind = kind_of(fields[5] if len(fields) > 5 else "")
        elif fields[0] == "Rss:":
            sums[kind] = sums.get(kind, 0) + int(fields[1]) * 1024
    return sums


def mib(pid):
    """Without the rings."""
    return sum(size for kind, size in resident(pid).items() if kind != "rings") / MIB


def split(pid):
    return ", ".join(f"{kind} {size / MIB:.1f} MiB" for kind, size in
                     sorted(resident(pid).items(), key=lambda item: -item[1]))


def sampled(pid, seconds):
    values = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        values.append(mib(pid))
        time.sleep(1)
    return values


@contextlib.contextmanager
def held(namespace, ends):
    """Several processes: there are limits to the descriptors of one."""
    each = (min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1 << 20) - 64) // 2
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(running.started(
                   namespace.command(driver.program("bench", "hold"),
                                     min(each, ends // 2 - begun)), "held"))
               for begun in range(0, ends // 2, each)]


def churn(processes, pid, seconds):
    """Samples of memory meanwhile."""
    for process in processes:
        process.stdin.write(f"{seconds} {CHURN_PER_S / len(processes)}\n")
        process.stdin.flush()
    values = sampled(pid, seconds)
    for process in processes:
        process.stdout.readline()
    return values


def measure(bench):
    with (running.namespace() as namespace,
          running.Recorder(bench.folder, namespace.cgroup) as recorder):
        pid = recorder.process.pid
        idle = mib(pid)
        with held(namespace, ENDS) as processes:
            quiet = sampled(pid, WALKS_S)
            churned = churn(processes, pid, CHURN_S)
            parts = split(pid)
    recorder.remove()
    return idle, quiet, churned, parts


def growth(values):
    """Of the last third over the first."""
    third = len(values) // 3
    return statistics.mean(values[-third:]) - statistics.mean(values[:third])


def memory(bench):
    """Resident memory beyond the rings with 100,000 open connections, and while they change."""
    driver.say(f"{bench.name}: {ENDS:,} ends of connections")
    idle, quiet, churned, parts = measure(bench)

    def result(quantity, value, **more):
        return bench.result(quantity, "", "ctrack-recorder", "MiB", [(None, value)], **more)

    target = driver.Target(TARGET_MIB, of="median")
    yield result("memory, nothing open", idle)
    yield result(f"memory, {ENDS:,} ends open", max(quiet), target=target)
    yield result(f"the same, {CHURN_PER_S}/s made anew", max(churned), target=target, notes=[parts])
    yield result(f"its growth in {CHURN_S} s", growth(churned))
