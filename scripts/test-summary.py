#!/usr/bin/env python3
"""Counts single test cases over the logs of meson test (BUILD/meson-logs/NAME.json), or JUnit
files, given.

A test of meson that wrote NAME.junit.xml counts by its cases, another as one.
One that failed without a failed case (it crashed, say) counts as failed too.
Prints failures and the reason of each skip; last, "N passed, N failed, N skipped".
"""
import collections
import json
import pathlib
import sys
import xml.etree.ElementTree as xml


def cases_of(report):
    """(state, name, text) for each case of a JUnit file."""
    for case in xml.parse(report).iter("testcase"):
        name = f"{case.get('classname')}: {case.get('name')}"
        for state, tags in (("failed", ("failure", "error")), ("skipped", ("skipped",))):
            found = next((case.find(tag) for tag in tags if case.find(tag) is not None), None)
            if found is not None:
                yield state, name, (found.get("message") or "") + "\n" + (found.text or "")
                break
        else:
            yield "passed", name, ""


def results_of(log):
    """(state, name, text) for each case of each of meson's tests, or of a JUnit file."""
    if not log.exists():
        yield "failed", "build", "the tests could not be built or found; see above"
        return
    if log.suffix == ".xml":
        yield from cases_of(log)
        return
    folder = log.parent.parent
    for line in log.read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        name = test["name"].split(" / ")[-1]
        reports = list(folder.glob(f"tests/**/{name}.junit.xml"))
        cases = [case for report in reports for case in cases_of(report)]
        yield from cases
        ok = test["result"] in ("OK", "SKIP")
        if not ok and not any(state == "failed" for state, _, _ in cases):
            yield "failed", name, test["result"] + "\n" + test.get("stdout", "")[-4000:]
        elif not cases:
            state = {"OK": "passed", "SKIP": "skipped"}[test["result"]]
            yield state, name, test.get("stdout", "")[-400:]


def main():
    counts = collections.Counter()
    skips = collections.Counter()
    for log in map(pathlib.Path, sys.argv[1:]):
        folder = log.parent.parent if log.suffix == ".json" else log
        for state, name, text in results_of(log):
            counts[state] += 1
            if state == "failed":
                print(f"FAILED {folder} {name}\n{text.strip()}\n")
            if state == "skipped":
                reason = (text.strip() or "no reason given").splitlines()[0]
                skips[f"SKIPPED {folder} {name}: {reason}"] += 1
    for skip in skips:
        print(skip)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
