#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the two files of which hostile-files makes mutants: the one of the golden tests, and the
same with UTF-16 as the encoding of its texts."""
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "golden"))
from query_driver import HERE, make_file  # noqa: E402

FIXTURE = (HERE / "fixture.sql").read_text()


def empty_in_utf16(path):
    """SQLite keeps the encoding of a file that has had a table."""
    db = sqlite3.connect(path)
    db.executescript("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (c); DROP TABLE t;")
    db.close()


def main():
    utf8, utf16 = sys.argv[1:]
    for path in utf8, utf16:
        pathlib.Path(path).unlink(missing_ok=True)
    empty_in_utf16(utf16)
    for path in utf8, utf16:
        make_file(path, FIXTURE)


main()
