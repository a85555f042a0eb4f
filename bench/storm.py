# SPDX-License-Identifier: Apache-2.0
"""What a connection costs, from connect() to the last close(), both its ends together."""

import functools

from . import driver, measuring, running

KERNEL_TARGET = 1.15
RECORDER_TARGET_US = 6


def variants_of(bench):
    load = measuring.program("storm", bench.seconds)
    return (measuring.Variant("nothing", load),
            measuring.Variant("return 1", load, functools.partial(running.bpf_program, "empty")),
            measuring.Variant("callbacks on", load,
                              functools.partial(running.bpf_program, "callbacks")),
            measuring.Recorded(bench, "ctrack-recorder", load),
            measuring.Recorded(bench, "--connect-errors off", load, "--connect-errors", "off"))


def kernel_results(bench, variants, runs):
    """What the hook does to the processes that connect."""
    for variant, measured in zip(variants[1:], runs[1:]):
        target = driver.Target(KERNEL_TARGET) if variant.label == "ctrack-recorder" else None
        yield bench.result("CPU of the load per connection", "nothing", variant.label, "us",
                           measuring.pairs(runs[0], measured, "load_us"), target=target)


def costs(bench, label, plain, measured):
    def compared(quantity, unit, attribute):
        return bench.result(quantity, "nothing", label, unit,
                            measuring.pairs(plain, measured, attribute))

    yield bench.result("CPU of the recorder per connection", "", label, "us",
                       measuring.alone(measured, "beside_us"),
                       target=driver.Target(RECORDER_TARGET_US, of="median"))
    yield compared("CPU of load and recorder per connection", "us", "total_us")
    yield compared("busy time of the machine per connection", "us", "busy_us")
    yield compared("connections per second", "1/s", "per_s")


def storm(bench):
    """Connections as fast as they go: what each costs the kernel and the recorder."""
    variants = variants_of(bench)
    runs = bench.alternate(*variants)
    yield from kernel_results(bench, variants, runs)
    for variant, measured in zip(variants, runs):
        if isinstance(variant, measuring.Recorded):
            yield from costs(bench, variant.label, runs[0], measured)
            yield from measuring.completeness(bench, variant.label, measured)
