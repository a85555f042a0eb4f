# SPDX-License-Identifier: Apache-2.0
"""What a connection costs, from connect() to the last close(), both its ends together."""

from . import driver, measuring, running

KERNEL_TARGET = 1.15
RECORDER_TARGET_US = 6


class Variant:
    """Storms beside one thing; remembers what was missing."""

    def __init__(self, bench, label, beside):
        self.bench = bench
        self.label = label
        self.beside = beside

    def __call__(self):
        load = (driver.program("bench", "storm"), self.bench.seconds)
        return measuring.run(load, self.beside, self.examine)

    def examine(self, helper, namespace, run):
        pass


class Recorded(Variant):
    def __init__(self, bench, label, *options):
        super().__init__(bench, label,
                         lambda _: running.Recorder(bench.folder, *options))

    def examine(self, recorder, namespace, run):
        run.missing_rows = 2 * run.rounds - recorder.ends(namespace.inode)
        run.lost = recorder.lost()
        run.bytes = recorder.bytes() / run.rounds
        recorder.remove()


def nothing(bench):
    return Variant(bench, "nothing", lambda _: running.nothing())


def variants_of(bench):
    return (nothing(bench),
            Variant(bench, "return 1", lambda _: running.bpf_program("empty")),
            Variant(bench, "callbacks on", lambda _: running.bpf_program("callbacks")),
            Recorded(bench, "ctrack-recorder"),
            Recorded(bench, "--no-connect-errors", "--no-connect-errors"))


def kernel_results(bench, variants, runs):
    """What the hook does to the processes that connect."""
    for variant, measured in zip(variants[1:], runs[1:]):
        target = driver.Target(KERNEL_TARGET) if variant.label == "ctrack-recorder" else None
        yield bench.result("CPU of the load per connection", "nothing", variant.label, "us",
                           measuring.pairs(runs[0], measured, "load_us"), target=target)


def recorder_results(bench, label, plain, measured):
    def both(quantity, unit, attribute):
        return bench.result(quantity, "nothing", label, unit,
                            measuring.pairs(plain, measured, attribute))

    def only(quantity, unit, attribute, bound):
        return bench.result(quantity, "", label, unit, measuring.alone(measured, attribute),
                            target=bound if bound is None else driver.Target(bound, of="worst"))

    yield bench.result("CPU of the recorder per connection", "", label, "us",
                       measuring.alone(measured, "beside_us"),
                       target=driver.Target(RECORDER_TARGET_US, of="median"))
    yield both("CPU of load and recorder per connection", "us", "total_us")
    yield both("busy time of the machine per connection", "us", "busy_us")
    yield both("connections per second", "1/s", "per_s")
    yield only("rows missing (there are 2 for a connection)", "rows", "missing_rows", 0)
    yield only("records lost", "records", "lost", 0)
    yield only("file per connection", "bytes", "bytes", None)


def storm(bench):
    """Connections as fast as they go: CPU per connection in the kernel and in the recorder."""
    variants = variants_of(bench)
    runs = bench.alternate(*variants)
    yield from kernel_results(bench, variants, runs)
    for variant, measured in zip(variants, runs):
        if isinstance(variant, Recorded):
            yield from recorder_results(bench, variant.label, runs[0], measured)
