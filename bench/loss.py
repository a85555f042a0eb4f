# SPDX-License-Identifier: Apache-2.0
"""Whether all is stored at a high rate, and when the recorder stands still for a second;
and how large the rings must be for that."""

import re
import signal
import threading
import time

from . import driver, measuring

RATE = 30_000
SECONDS = 10
STALL_AT_S = 4
STALL_S = 1

RINGS = "lifecycle", "sample"

# Bytes in a ring: the record as in bpf/ctrack_event.h, and in BPF's ring buffers a header.
HEADER_BYTES = 8
EVENT_BYTES = 32 + HEADER_BYTES
SUMMARY_BYTES = 312 + HEADER_BYTES
SAMPLE_BYTES = 32
SUMMARY_KINDS = "connect", "accept", "close", "preexisting"


class Recorded(measuring.Recorded):
    """Keeps what the rings carried for a connection."""

    def examine(self, recorder, namespace, result):
        def each(sql):
            ends = "SELECT id FROM connections WHERE netns = ?"
            return recorder.value(sql.format(ends=ends), namespace.inode) / result.rounds

        summaries = "', '".join(SUMMARY_KINDS)
        result.lifecycle_bytes = each(
            f"SELECT sum(iif(k.name IN ('{summaries}'), {SUMMARY_BYTES}, {EVENT_BYTES})) "
            "FROM events e JOIN event_kinds k ON k.id = e.kind WHERE connection_id IN ({ends})")
        result.sample_bytes = SAMPLE_BYTES * each(
            "SELECT count(*) FROM rtt_samples WHERE connection_id IN ({ends})")
        options = recorder.value("SELECT options FROM recordings")
        result.ring_bytes = {ring: int(re.search(rf"{ring}-ring=(\d+)", options)[1])
                             for ring in RINGS}
        super().examine(recorder, namespace, result)


class Stalled(Recorded):
    """The recorder is stopped for a second: harsher than a disk that does not answer,
    as then it would still take records out of the rings."""

    def __init__(self, bench, label, load):
        super().__init__(bench, label, self.loading)
        self.plain_load = load
        start = self.beside
        self.beside = lambda namespace: self.remember(start(namespace))

    def remember(self, recorder):
        self.recorder = recorder
        return recorder

    def loading(self, namespace):
        stall = threading.Thread(target=self.stall)
        stall.start()
        done = self.plain_load(namespace)
        stall.join()
        return done

    def stall(self):
        time.sleep(STALL_AT_S)
        self.recorder.process.send_signal(signal.SIGSTOP)
        time.sleep(STALL_S)
        self.recorder.process.send_signal(signal.SIGCONT)


def rate_result(bench, label, plain, measured):
    reached = max(run.per_s for run in measured)
    notes = [] if reached > 0.99 * RATE else [
        f"{RATE:,}/s were asked for; this machine reached {reached:,.0f}/s at most"]
    return bench.result("connections per second", "nothing", label, "1/s",
                        measuring.pairs(plain, measured, "per_s"), notes=notes)


def ring_results(bench, measured):
    """By arithmetic: rate x bytes of a connection, for a second nobody reads."""
    for ring in RINGS:
        each = [getattr(run, f"{ring}_bytes") for run in measured]
        yield bench.result(f"{ring} ring: bytes per connection", "", "ctrack-recorder", "bytes",
                           [(None, value) for value in each])
        yield bench.result(
            f"{ring} ring: filled in {STALL_S} s at {RATE:,}/s", "", "ctrack-recorder", "MiB",
            [(None, value * RATE * STALL_S / 2**20) for value in each],
            target=driver.Target(measured[0].ring_bytes[ring] / 2**20, of="worst"))


def loss(bench):
    """30,000 connections/s for 10 s, and with the recorder stopped for 1 s of them."""
    load = measuring.program("storm", SECONDS, RATE)
    variants = (measuring.Variant("nothing", load), Recorded(bench, "ctrack-recorder", load),
                Stalled(bench, "stopped for 1 s", load))
    runs = bench.alternate(*variants)
    for variant, measured in zip(variants[1:], runs[1:]):
        yield rate_result(bench, variant.label, runs[0], measured)
        yield from measuring.completeness(bench, variant.label, measured)
    yield from ring_results(bench, runs[1])
