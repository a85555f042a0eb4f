# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C, and what a terminal shows of a query that takes long."""
import os
import pty
import signal
import subprocess
import time

from query_driver import QUERY

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
LONG = ENDLESS.replace("FROM n)", "FROM n LIMIT 6000000)")


def start(path, sql, **streams):
    return subprocess.Popen([QUERY, "-r", path, "sql", sql], stdin=subprocess.DEVNULL,
                            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams})


def test_interrupted(fixture_path):
    with start(fixture_path, ENDLESS) as process:
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=20)
    assert (process.returncode, out, errors) == (130, b"", b"ctrack-query: interrupted\n")


def test_interrupted_amid_its_rows(fixture_path):
    rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    with subprocess.Popen([QUERY, "-r", fixture_path, "sql", rows, "-o", "csv"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=20)[1]
    assert (process.returncode, errors) == (130, b"ctrack-query: interrupted\n")


def test_where_sigint_is_ignored_it_stays_so(fixture_path):
    """As in a script's background."""
    with subprocess.Popen(["sh", "-c", 'trap "" INT; exec "$@"', "sh", QUERY, "-r", fixture_path,
                           "sql", LONG], stdout=subprocess.PIPE) as process:
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert b"6000000" in process.communicate(timeout=60)[0]
    assert process.returncode == 0


def errors_on_terminal(path, sql, seconds):
    """What is written to a terminal on stderr until Ctrl-C after so long, and the exit code."""
    terminal, side = pty.openpty()
    with start(path, sql, stderr=side) as process:
        os.close(side)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
    text = b""
    try:
        while piece := os.read(terminal, 65536):
            text += piece
    except OSError:  # the other side has gone
        pass
    os.close(terminal)
    return text.decode(), process.returncode


def test_progress_on_a_terminal(fixture_path):
    text, code = errors_on_terminal(fixture_path, ENDLESS, 2.2)
    assert "working for 1 s, " in text and " read; Ctrl-C stops it" in text
    assert text.endswith("\r\x1b[Kctrack-query: interrupted\r\n")
    assert code == 130


def test_no_progress_of_short_queries(fixture_path):
    text, code = errors_on_terminal(fixture_path, ENDLESS, 0.5)
    assert (text, code) == ("ctrack-query: interrupted\r\n", 130)
