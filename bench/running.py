# SPDX-License-Identifier: Apache-2.0
"""The programs of a run: the load in a network namespace of its own, and beside it
ctrack's recorder, another program or nothing."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time

from . import driver

TICKS = os.sysconf("SC_CLK_TCK")
START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 120

# Room for the many that end as TIME_WAIT: beyond that limit they end otherwise.
HOLD_NAMESPACE = ("ip link set lo up && echo 4000000 > /proc/sys/net/ipv4/tcp_max_tw_buckets && "
                  "echo ready && exec sleep infinity")


def cgroup2_root():
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[fields.index("-") + 1] == "cgroup2":
            return fields[4]
    raise driver.Unavailable("no cgroup2 is mounted")


def cpu_s(pid):
    """User and system time of a process and of its children that were waited for."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


@contextlib.contextmanager
def started(command, until, **more):
    """A program that is ready once it wrote a line that begins so; ended by the end of its
    stdin, or SIGTERM if it does not care."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, **more)
    try:
        if not process.stdout.readline().startswith(until):
            raise driver.Unavailable(f"{command[0]} did not start")
        yield process
    finally:
        process.stdin.close()
        process.terminate()
        process.wait()
        process.stdout.close()


def end_of(process):
    """CPU time of a program that ends, by itself or told to, and must end well."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, -signal.SIGTERM):
        raise driver.Unavailable(f"{process.args[-1]} failed")
    return used.ru_utime + used.ru_stime


class Namespace:
    """A network namespace with a loopback of its own, gone with its holder, and a cgroup:
    other connections of the host are neither recorded nor paid for."""

    IN_CGROUP = 'echo $$ > "$0/cgroup.procs" && exec nsenter "$@"'

    def __init__(self, holder, cgroup):
        self.cgroup = cgroup
        self.path = f"/proc/{holder.pid}/ns/net"
        self.inode = os.stat(self.path).st_ino

    def command(self, *command):
        return ["sh", "-c", self.IN_CGROUP, self.cgroup, f"--net={self.path}",
                *map(str, command)]

    def load(self, *command):
        """What a load program says."""
        done = subprocess.run(self.command(*command), stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)


@contextlib.contextmanager
def new_cgroup():
    path = pathlib.Path(cgroup2_root(), f"ctrack-bench-{os.getpid()}")
    path.mkdir()
    try:
        yield path
    finally:
        path.rmdir()


@contextlib.contextmanager
def namespace():
    with new_cgroup() as cgroup:
        with started(["unshare", "--net", "sh", "-c", HOLD_NAMESPACE], "ready") as holder:
            yield Namespace(holder, cgroup)


def nothing():
    return contextlib.nullcontext()


def bpf_program(name, namespace):
    """One of empty.bpf.c, attached."""
    return started([driver.program("bench", "attach"), driver.program("bench", "empty.bpf.o"),
                    name, namespace.cgroup], "attached")


class Recorder:
    """ctrack-recorder with a new file. After the with block, .cpu_at_start_s is the CPU time
    until it was ready, .cpu_s that from then until its end, and the file is there until
    .remove()."""

    def __init__(self, folder, cgroup, *options):
        self.folder = folder
        self.db = folder / "bench.db"
        self.options = "--cgroup", cgroup, *options
        self.messages = folder / "recorder.messages"

    def __enter__(self):
        self.remove()
        with open(self.messages, "wb") as out:
            self.process = subprocess.Popen(
                [driver.program("recorder", "ctrack-recorder"), "--db", self.db,
                 "--config", "/dev/null", *self.options], stderr=out, stdin=subprocess.DEVNULL)
        self._wait_until_attached()
        self.cpu_at_start_s = cpu_s(self.process.pid)
        return self

    def _wait_until_attached(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while "recording " not in self.messages.read_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise driver.Unavailable(self.messages.read_text().strip())
            time.sleep(0.02)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_s = used.ru_utime + used.ru_stime - self.cpu_at_start_s

    def bytes(self):
        return sum(file.stat().st_size for file in self.folder.glob("bench.db*"))

    def value(self, sql, *parameters):
        db = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)
        try:
            return db.execute(sql, parameters).fetchone()[0]
        finally:
            db.close()

    def lost(self):
        """All that the file says was lost, in the kernel and in decoding."""
        return self.value("SELECT coalesce(sum(lost), 0) FROM loss_log")

    def ends(self, inode):
        """Rows of connections in a network namespace."""
        return self.value("SELECT count(*) FROM connections WHERE netns = ?", inode)

    def samples(self, inode):
        """RTT samples stored of connections in a network namespace."""
        return self.value("SELECT count(*) FROM rtt_samples WHERE connection_id IN "
                          "(SELECT id FROM connections WHERE netns = ?)", inode)

    def samples_missing(self, inode):
        """Those that the kernel counted but are not stored."""
        return self.value("SELECT coalesce(sum(rtt_samples), 0) FROM connections "
                          "WHERE netns = ?", inode) - self.samples(inode)

    def remove(self):
        for file in self.folder.glob("bench.db*"):
            file.unlink()
