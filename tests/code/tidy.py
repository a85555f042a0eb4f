#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tidy.py BUILD: runs clang-tidy over what BUILD compiled into the programs.

A source that passed is looked at again only when it, a header that it includes, its command or
.clang-tidy has changed: BUILD/tidy has an empty file for each that passed.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent
TIDY = "clang-tidy-14"
CHECKED = re.compile(r"^(lib)?(manual|recorder|query|schema)[/._]")
# Also what gcc knows and clang does not is no fault of the source.
ARGUMENTS = ["--quiet", "--extra-arg=-Wno-error", "--extra-arg=-Wno-unknown-warning-option"]


def included_by_object(build):
    """{object: the files that ninja knows it is made of}."""
    lists = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, text=True,
                           capture_output=True).stdout
    return {part.split(":")[0]: re.findall(r"^    (.+)$", part, re.MULTILINE)
            for part in lists.split("\n\n")}


def fingerprint(build, command, files):
    """Of all that the result depends on, but for the headers of the system."""
    seen = hashlib.sha256(command.encode() + (ROOT / ".clang-tidy").read_bytes())
    for path in sorted(files):
        if not path.startswith("/usr/"):
            seen.update((build / path).read_bytes())
    return seen.hexdigest()


def passes(build, source, stamp):
    if stamp.exists():
        return True
    done = subprocess.run([TIDY, "-p", build, *ARGUMENTS, source], check=False, text=True,
                          capture_output=True)
    is_fine = done.returncode == 0 and not done.stdout
    if is_fine:
        stamp.touch()
    else:
        print(done.stdout or done.stderr, flush=True)
    return is_fine


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    (build / "tidy").mkdir(exist_ok=True)
    included = included_by_object(build)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        results = [workers.submit(passes, build, build / entry["file"],
                                  build / "tidy" / fingerprint(build, entry["command"],
                                                               included[entry["output"]]))
                   for entry in json.loads((build / "compile_commands.json").read_bytes())
                   if CHECKED.match(entry["output"])]
    print(f"clang-tidy has read {len(results)} sources")
    return 0 if results and all(result.result() for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
