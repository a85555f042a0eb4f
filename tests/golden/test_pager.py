# SPDX-License-Identifier: Apache-2.0
"""What is longer than the screen goes into a pager."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import pytest

from query_driver import QUERY, on_terminal, run_query

MARK = "sed s/^/paged:/"
LONG = ["connections", "-n", "0"]  # has 28 rows
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
ROWS_THEN_ENDLESS = f"SELECT value AS i FROM json_each('[{', '.join(['1'] * 12000)}]') UNION ALL SELECT * FROM ({ENDLESS})"


def lines(result):
    return result.stdout.decode().replace("\r", "").splitlines()


def shown(path, *arguments, rows=20, **environment):
    result = on_terminal(path, *arguments, size=(rows, 300), NO_COLOR="1", **environment)
    assert result.returncode == 0
    return lines(result)


@pytest.mark.parametrize("variables", [{"CTRACK_PAGER": MARK}, {"PAGER": MARK},
                                       {"CTRACK_PAGER": MARK, "PAGER": "false"}])
def test_a_long_result_is_paged(fixture_path, variables):
    """Notices too, below it."""
    whole = run_query("-r", fixture_path, *LONG).stdout.decode().splitlines()
    paged = shown(fixture_path, *LONG, **variables)
    assert paged[:len(whole)] == ["paged:" + line for line in whole]
    assert paged[len(whole)].startswith("paged:ctrack-query: lost in this window")


def test_what_fits_is_not_paged(fixture_path):
    whole = run_query("-r", fixture_path, *LONG).stdout.decode().splitlines()
    assert shown(fixture_path, *LONG, rows=len(whole) + 1, CTRACK_PAGER=MARK)[:len(whole)] == whole
    assert shown(fixture_path, *LONG, rows=len(whole), CTRACK_PAGER=MARK)[0].startswith("paged:")


@pytest.mark.parametrize("arguments, variables", [
    (["--no-pager"], {"CTRACK_PAGER": MARK}), ([], {"CTRACK_PAGER": "", "PAGER": MARK}),
    ([], {"CTRACK_PAGER": "cat"}), ([], {"CTRACK_PAGER": MARK, "TERM": "dumb"}),
    ([], {"CTRACK_PAGER": "no-such-pager"})])
def test_no_pager(fixture_path, arguments, variables):
    """One that is not there loses nothing."""
    whole = run_query("-r", fixture_path, *LONG).stdout.decode().splitlines()
    written = [line for line in shown(fixture_path, *LONG, *arguments, **variables) if "not found" not in line]
    assert written[:len(whole)] == whole


def test_a_pipe_is_not_paged(fixture_path):
    result = run_query("-r", fixture_path, *LONG, CTRACK_PAGER=MARK, LINES="5")
    assert b"paged:" not in result.stdout + result.stderr


def test_lines_that_are_too_long_take_several_rows(fixture_path):
    sql = "SELECT hex(zeroblob(500)) AS x"
    assert lines(on_terminal(fixture_path, "sql", sql, "-o", "csv", size=(10, 80), CTRACK_PAGER=MARK))[
        0].startswith("paged:")


def test_less_is_told_how(fixture_path):
    script = 'echo "LESS=$LESS"; cat >/dev/null'
    assert shown(fixture_path, *LONG, CTRACK_PAGER=script)[0] == "LESS=FRSX"
    assert shown(fixture_path, *LONG, CTRACK_PAGER=script, LESS="R")[0] == "LESS=R"


@pytest.mark.parametrize("arguments, code", [
    (["verify"], 1), (["connections", "-n", "x"], 2), (LONG, 0)])
def test_the_exit_code_is_kept(fixture_path, tmp_path, arguments, code):
    path = tmp_path / "copy.db"
    path.write_bytes(fixture_path.read_bytes())
    if arguments == ["verify"]:
        subprocess.run(["sqlite3", path, "UPDATE connections SET local_port = 70000 WHERE id = 1"], check=True)
    for pager in (MARK, "head -n 1", "false")[:1 if code == 1 else 3]:  # these may leave before verify ends
        assert on_terminal(path, *arguments, size=(10, 200), CTRACK_PAGER=pager).returncode == code


def test_the_user_may_leave_before_the_end(fixture_path):
    """All of 100,000 rows are more than a pipe holds."""
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n"
    assert shown(fixture_path, "sql", numbers, CTRACK_PAGER="head -n 2") == ["    I", "    1"]


class Session:
    """ctrack-query as the foreground job of a terminal of its own."""

    def __init__(self, *arguments, pager):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 80, 0, 0))
            os.environ.update(TERM="xterm", NO_COLOR="1", CTRACK_PAGER=pager)
            os.execv(QUERY, [QUERY, *map(str, arguments)])
        self.text = ""

    def wait_for(self, text):
        deadline = time.monotonic() + 60
        while text not in self.text:
            assert time.monotonic() < deadline, self.text
            if not select.select([self.terminal], [], [], 1)[0]:
                continue
            try:
                self.text += os.read(self.terminal, 65536).decode()
            except OSError:
                assert text in self.text, self.text

    def press(self, keys):
        os.write(self.terminal, keys)

    def exit_code(self):
        code = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        os.close(self.terminal)
        return code


def test_ctrl_c_is_for_the_pager_when_the_query_is_done(fixture_path):
    session = Session("-r", fixture_path, *LONG, pager="trap 'left=1' INT; cat; echo waits; "
                                                       "while [ -z $left ]; do sleep 0.1; done; echo leaves")
    session.wait_for("waits")
    session.press(b"\x03")
    session.wait_for("leaves")
    assert session.exit_code() == 0


def test_ctrl_c_stops_a_query_that_runs(fixture_path):
    """The pager goes on with what there is, and with the message."""
    session = Session("-r", fixture_path, "sql", ROWS_THEN_ENDLESS, pager="trap '' INT; cat")
    session.wait_for("I\r\n")
    time.sleep(0.3)
    session.press(b"\x03")
    session.wait_for("ctrack-query: interrupted")
    assert session.exit_code() == 130


def test_what_is_followed_is_not_paged(fixture_path):
    """The fixture's recording has ended, so following ends too."""
    written = shown(fixture_path, "events", "-F", "-n", "0", CTRACK_PAGER=MARK)
    assert len(written) > 100 and not any(line.startswith("paged:") for line in written)


def test_who_leaves_the_pager_ends_an_endless_query(fixture_path):
    """The rows of a table are written by a library that does not tell of errors."""
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    assert len(shown(fixture_path, "sql", sql, CTRACK_PAGER="head -n 3")) == 3
