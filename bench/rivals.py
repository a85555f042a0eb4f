# SPDX-License-Identifier: Apache-2.0
"""The same storm, recorded into SQLite by what else can be had from Debian."""

import glob
import pathlib
import re
import sqlite3
import subprocess
import time

from . import driver, measuring, running

HERE = pathlib.Path(__file__).parent
DOCUMENTS = "/usr/share/doc/ulogd2"
MOST_RUNS = 3  # as conntrack's entries are slow to go
COLUMNS = "pid, comm, laddr, lport, raddr, rport, tx_kb, rx_kb, ms"


class Rival:
    """A context manager like running.Recorder, of a program that fills rival.db."""

    table = None
    ours = "true"  # which rows are of the storm
    rows_each = 2  # for a connection within the host

    def __init__(self, folder, namespace):
        self.folder = folder
        self.namespace = namespace
        self.db = folder / "rival.db"

    def __enter__(self):
        self.remove()
        self.process = self.start()
        self.cpu_at_start_s = running.cpu_s(self.process.pid)
        return self

    def __exit__(self, *_):
        try:
            self.finish_recording()
        finally:
            self.process.terminate()
        self.cpu_s = running.end_of(self.process) - self.cpu_at_start_s + self.finish_file()

    def finish_recording(self):
        """While the program still runs."""

    def finish_file(self):
        """When it has ended; the CPU time that this took."""
        return 0

    def rows(self):
        with sqlite3.connect(self.db) as db:
            return db.execute(f"SELECT count(*) FROM {self.table} WHERE {self.ours}").fetchone()[0]

    def bytes(self):
        return sum(file.stat().st_size for file in self.folder.glob("rival.*"))

    def remove(self):
        for file in self.folder.glob("rival.*"):
            file.unlink()


class Bpftrace(Rival):
    """tcplife's lines from the state tracepoint, piped to a file; then .import."""

    table = "tcplife"
    ours = "comm = 'storm'"
    command = ["unshare", "--mount", "sh", "-c",
               'mount -t tracefs none /sys/kernel/tracing && exec bpftrace "$@"', "sh"]

    def start(self):
        self.lines = self.folder / "tcplife.csv"
        self.messages = self.folder / "bpftrace.messages"
        with open(self.lines, "wb") as out, open(self.messages, "wb") as messages:
            process = subprocess.Popen([*self.command, HERE / "tcplife.bt"], stdout=out,
                                       stderr=messages)
        deadline = time.monotonic() + running.START_TIMEOUT_S
        while "ready" not in self.lines.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise driver.Unavailable("bpftrace: " + self.messages.read_text().strip())
            time.sleep(0.1)
        return process

    def finish_file(self):
        with open(self.lines, encoding="utf-8") as lines:
            kept = [line for line in lines if line.count(",") == 8]
        self.lines.write_text("".join(kept))
        return running.end_of(subprocess.Popen(
            ["sqlite3", self.db, f"CREATE TABLE {self.table} ({COLUMNS})", ".mode csv",
             f".import {self.lines} {self.table}"]))

    def said(self):
        lost = re.findall(r"Lost (\d+) events", self.messages.read_text())
        return f"bpftrace says it lost {sum(map(int, lost)):,} lines" if lost else ""


class Ulogd(Rival):
    """ulogd2 with its SQLite output, fed with conntrack's events in the storm's namespace."""

    table = "ulog_ct"
    rows_each = 1
    WATCH = ("table ip bench { chain input { type filter hook input priority 0; "
             "ct state new counter; }; }")
    SETTINGS = {"nf_conntrack_acct": 1, "nf_conntrack_timestamp": 1,
                # A row is written when the entry goes: soon, not after two minutes.
                "nf_conntrack_tcp_timeout_time_wait": 1}

    def start(self):
        self.prepare_namespace()
        (plugins,) = glob.glob("/usr/lib/*/ulogd") or [None]
        if not plugins:
            raise driver.Unavailable("ulogd2's plugins not found: scripts/setup --bench")
        config = self.folder / "ulogd.conf"
        config.write_text((HERE / "ulogd.conf").read_text()
                          .format(folder=self.folder, plugins=plugins))
        self.make_table()
        return subprocess.Popen(self.namespace.command("ulogd", "-c", config),
                                stderr=subprocess.DEVNULL)

    def prepare_namespace(self):
        def run(*command):
            done = subprocess.run(self.namespace.command(*command), capture_output=True,
                                  text=True, check=False)
            if done.returncode:
                raise driver.Unavailable(f"conntrack: {done.stderr.strip()}")

        run("nft", self.WATCH)
        for name, value in self.SETTINGS.items():
            run("sh", "-c", f"echo {value} > /proc/sys/net/netfilter/{name}")

    def make_table(self):
        """Of the one that comes with ulogd2."""
        with sqlite3.connect(self.db) as db:
            db.executescript(pathlib.Path(DOCUMENTS, "sqlite3.table").read_text())
        time.sleep(0.5)

    def finish_recording(self):
        """Leaves it the time that it needs until the kernel has dropped all entries, which
        takes half a minute, and it is idle."""
        deadline = time.monotonic() + running.STOP_TIMEOUT_S
        before, now = None, self.progress()
        while (now[0] or now != before) and time.monotonic() < deadline:
            time.sleep(3)
            before, now = now, self.progress()

    def progress(self):
        """Entries left, CPU time. Its file is left alone: a reader would lock it."""
        count = subprocess.run(self.namespace.command("conntrack", "-C"), text=True,
                               stdout=subprocess.PIPE, check=True).stdout
        return int(count), running.cpu_s(self.process.pid)

    def said(self):
        log = self.folder / "ulogd.log"
        overrun = log.exists() and re.search("losing events", log.read_text())
        return "ulogd says that it is losing events" if overrun else ""


class Variant(measuring.Variant):
    def examine(self, rival, namespace, result):
        result.share = 100 * rival.rows() / (rival.rows_each * result.rounds)
        result.bytes_each = rival.bytes() / max(1, rival.rows())
        result.said = rival.said()
        rival.remove()


class Recorded(measuring.Recorded):
    def examine(self, recorder, namespace, result):
        super().examine(recorder, namespace, result)
        result.share = 100 * result.ends / (2 * result.rounds)
        result.bytes_each /= 2
        result.said = ""


def results(bench, label, plain, measured, notes):
    def compared(quantity, attribute, **more):
        return bench.result(quantity, "nothing", label, "us",
                            measuring.pairs(plain, measured, attribute), **more)

    yield compared("CPU of the load per connection", "load_us", notes=notes)
    yield compared("CPU of load and recording per connection", "total_us")
    yield compared("busy time of the machine per connection", "busy_us")
    yield bench.result("rows obtained of those there should be", "", label, "%",
                       measuring.alone(measured, "share"),
                       notes=sorted({run.said for run in measured if run.said}))
    yield bench.result("file per row", "", label, "bytes", measuring.alone(measured, "bytes_each"))


def available(bench, variants):
    """Those that run here, and the reasons why others do not."""
    can, cannot = [], []
    for variant in variants:
        try:
            variant()
            can.append(variant)
        except driver.Unavailable as why:
            cannot.append(f"{variant.label}: not run: {why}")
    return can, cannot


def rivals(bench):
    """The storm recorded by bpftrace + sqlite3 and by conntrack + ulogd2, beside ctrack."""
    driver.need("bpftrace", "sqlite3", "ulogd", "conntrack", "nft")
    load = measuring.program("storm", bench.seconds)
    tried = [Variant(label, load, lambda namespace, kind=kind: kind(bench.folder, namespace))
             for label, kind in (("bpftrace, sqlite3", Bpftrace), ("conntrack, ulogd2", Ulogd))]
    can, cannot = available(bench, tried)
    variants = [measuring.Variant("nothing", load),
                Recorded(bench, "ctrack-recorder", load), *can]
    runs = bench.alternate(*variants, runs=min(bench.runs, MOST_RUNS))
    for variant, measured in zip(variants[1:], runs[1:]):
        yield from results(bench, variant.label, runs[0], measured, cannot)
        cannot = []
