# SPDX-License-Identifier: Apache-2.0
"""Results as a table for people and as JSON."""

import datetime
import json
import os
import platform

HEADINGS = ("BENCHMARK", "QUANTITY", "BASELINE", "MEASURED", "A", "B", "UNIT", "RATIO", "TARGET", "")
RIGHT = {"A", "B", "RATIO"}


def number(value):
    if value is None:
        return "-"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.1f}"


def verdict(result):
    return {None: "", True: "met", False: "MISSED"}[result.met]


def row(result):
    return (result.name, result.quantity, result.baseline, result.measured,
            *map(number, result.medians), result.unit,
            f"x{result.ratio:.3f}" if result.ratio is not None else "-",
            result.target.text(result.unit) if result.target else "", verdict(result))


def aligned(cells, widths):
    return "  ".join(cell.rjust(width) if heading in RIGHT else cell.ljust(width)
                     for cell, width, heading in zip(cells, widths, HEADINGS)).rstrip()


def table(results):
    """The lines, each note under the line it belongs to."""
    rows = [row(result) for result in results]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows)]
    yield aligned(HEADINGS, widths)
    for result, cells in zip(results, rows):
        yield aligned(cells, widths)
        yield from (f"    {note}" for note in result.notes)


def as_json(result):
    return {"name": result.name, "quantity": result.quantity,
            "compared": [result.baseline, result.measured], "runs": len(result.pairs),
            "pairs": result.pairs, "medians": result.medians, "ratio": result.ratio,
            "unit": result.unit,
            "target": result.target and {"of": result.target.of, "bound": result.target.bound,
                                         "at_least": result.target.at_least},
            "met": result.met, "notes": result.notes}


def machine():
    return {"kernel": platform.release().split("-")[0], "cpus": os.cpu_count(),
            "machine": platform.machine()}


def write(path, results, remarks):
    """remarks: benchmark -> why it did not run, or not in quiet."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    path.write_text(json.dumps({"ended": now, "machine": machine(),
                                "benchmarks": [as_json(result) for result in results],
                                "remarks": remarks}, indent=1) + "\n")
