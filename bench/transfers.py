# SPDX-License-Identifier: Apache-2.0
"""What an open connection costs: many small round trips, and one stream in bulk."""

import json
import os
import subprocess

from . import driver, measuring, running

CPU_TARGET = 1.03
SPEED_TARGET = 0.97  # what is below is surely no noise
PORT = 5201
LABEL = "ctrack-recorder"
CONNECT_ERRORS = ("tracepoint", "off")


def results(bench, plain, measured, each, unit_per_s, speed_target=SPEED_TARGET):
    """Without a target for the speed where all CPUs are busy: it falls by what load and
    recorder cost together, which stands beside it."""
    def compared(quantity, unit, attribute, target=None):
        return bench.result(quantity, "nothing", LABEL, unit,
                            measuring.pairs(plain, measured, attribute), target=target)

    yield compared(f"CPU of the load per {each}", "us", "load_us", driver.Target(CPU_TARGET))
    yield compared(f"CPU of load and recorder per {each}", "us", "total_us")
    yield compared(f"{each}s per second", unit_per_s, "per_s",
                   speed_target and driver.Target(speed_target, at_least=True))
    yield bench.result("CPU of the recorder per second", "", LABEL, "ms",
                       [(None, run.beside_us * run.per_s / 1e3) for run in measured])
    yield from samples(bench, measured)


def samples(bench, measured):
    none = driver.Target(0, of="worst")
    yield bench.result("RTT samples not stored", "", LABEL, "samples",
                       measuring.alone(measured, "samples_missing"), target=none)
    yield bench.result("records lost", "", LABEL, "records", measuring.alone(measured, "lost"),
                       target=none)
    yield bench.result("RTT samples per second", "", LABEL, "1/s",
                       measuring.alone(measured, "samples_per_s"))


def request_response(bench):
    """Round trips of 64 bytes on a few connections, as fast as they go on all CPUs."""
    load = measuring.program("chat", bench.seconds)
    otherwise = [measuring.Recorded(bench, f"--connect-errors {way}", load, "--connect-errors", way)
                 for way in CONNECT_ERRORS]
    plain, measured, *others = bench.alternate(measuring.Variant("nothing", load),
                                               measuring.Recorded(bench, LABEL, load), *otherwise)
    yield from results(bench, plain, measured, "round trip", "1/s", speed_target=None)
    for variant, runs in zip(otherwise, others):
        yield bench.result("CPU of the load per round trip", "nothing", variant.label, "us",
                           measuring.pairs(plain, runs, "load_us"))


def ping_pong(bench):
    """One round trip of 64 bytes at a time, client and server on a CPU each."""
    if os.cpu_count() < 2:
        raise driver.Unavailable("needs two CPUs")
    load = measuring.program("ping-pong", bench.seconds)
    runs = bench.alternate(measuring.Variant("nothing", load),
                           measuring.Recorded(bench, LABEL, load))
    yield from results(bench, *runs, "round trip", "1/s")


def iperf3(seconds):
    """A load of one stream, sender and receiver each on a CPU. A round is a megabyte."""
    def load(namespace):
        server = subprocess.Popen(
            namespace.command("taskset", "-c", os.cpu_count() - 1, "iperf3", "-s", "-1",
                              "--forceflush"), stdout=subprocess.PIPE, text=True)
        while "listening" not in server.stdout.readline():
            pass
        client = subprocess.Popen(
            namespace.command("taskset", "-c", 0, "iperf3", "-c", "127.0.0.1", "-J", "-t",
                              seconds), stdout=subprocess.PIPE, text=True)
        said = json.loads(client.stdout.read())["end"]["sum_received"]
        server.stdout.read()
        return {"rounds": said["bytes"] / 1e6, "seconds": said["seconds"], "failures": 0,
                "cpu_s": running.end_of(client) + running.end_of(server)}
    return load


def bulk(bench):
    """One iperf3 stream through loopback."""
    driver.need("iperf3", "taskset")
    load = iperf3(bench.seconds)
    runs = bench.alternate(measuring.Variant("nothing", load),
                           measuring.Recorded(bench, LABEL, load))
    yield from results(bench, *runs, "megabyte", "MB/s")
