#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether each C++ file is as clang-format would lay it out; bpf/ and the C of bench/ are not."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent
FOLDERS = ("bench", "common", "manual", "query", "recorder", "schema", "tests")


def main():
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))
             if path.suffix in (".cpp", ".h") and path != ROOT / "bench/load.h"]
    return subprocess.run(["clang-format-14", "--dry-run", "--Werror", *files],
                          check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
