# SPDX-License-Identifier: Apache-2.0
"""No report is wider than the terminal it is shown on."""
import re
import sqlite3
import unicodedata

import pytest

from query_driver import on_terminal, run_query
from test_reports import choices
from test_shape import report_names

EVERY = [*([name, "6"] if name == "connection" else [name] for name in report_names()),
         *([name, "--by", by] for name, by in choices()),
         ["connection", "5"], ["connections", "-n", "0"], ["rate", "--interval", "1m"], ["verify"],
         ["diff", "--before", "2026-11-21 14:00..14:05", "--after", "14:05..14:10"],
         ["processes", "-f", "cmdline,comm,pid,exe"], ["failures", "-b", "2026-11-21 14:23", "-e", "14:23:05"]]


@pytest.fixture(scope="module")
def long_texts(tmp_path_factory, fixture_path):
    """The fixture with long names, long addresses and characters that take two columns."""
    path = tmp_path_factory.mktemp("long") / "long.db"
    path.write_bytes(fixture_path.read_bytes())
    db = sqlite3.connect(path)
    db.execute("UPDATE processes SET comm = '日本語プロセス名前' || id, cmdline = comm || hex(zeroblob(300))")
    db.execute(r"UPDATE processes SET comm = char(0x202E) || 'name\x41' || char(10, 0x378) WHERE id % 2")
    db.execute("UPDATE connections SET peer_address = '2001:db8:1111:2222:3333:4444:5555:' || hex(id + 4096), "
               "local_address = 'fe80::1111:2222:3333:' || hex(id + 4096), ifindex = 3, "
               "interface = 'averylonginterf', bytes_sent = 123456789012 WHERE peer_address IS NOT NULL")
    db.execute("UPDATE recordings SET hostname = 'a-very-long-host-name.of-some.example.org'")
    db.execute("UPDATE cgroups SET systemd_unit = 'some-very-long-name-of-a-unit-' || id || '.service'")
    db.commit()
    db.close()
    return path


def columns(line):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def shown(path, arguments, width, **environment):
    """The lines of the report, without those of stderr."""
    result = on_terminal(path, *arguments, size=(400, width), NO_COLOR="1", **environment)
    assert result.returncode in (0, 1), result.stdout
    lines = result.stdout.decode().replace("\r", "").splitlines()
    return ([line for line in lines if not line.startswith("ctrack-query: ")],
            [line for line in lines if line.startswith("ctrack-query: ")])


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_no_line_is_wider_than_the_terminal(fixture_path, long_texts, arguments, width):
    for path in (fixture_path, long_texts)[:2 if width == 80 else 1]:
        lines, _ = shown(path, arguments, width)
        assert lines
        for line in lines:
            assert columns(line) <= width, line


def test_two_files(fixture_path, long_texts):
    """The host is a column then."""
    for report in report_names():
        if report != "connection":
            lines, _ = shown(fixture_path, [report, "-r", long_texts], 80)
            assert all(columns(line) <= 80 for line in lines)


def test_what_is_left_out_is_said(fixture_path):
    lines, notices = shown(fixture_path, ["connections"], 80)
    assert lines[0].split() == ["COMM", "PEER", "DURATION", "OUTCOME", "OPENED", "2026-11-21"]
    assert "ctrack-query: not shown in 80 columns: PID, LOCAL, SENT, RECEIVED, DIR, CLOSED_BY, RTT_AVG; -w shows all" in notices
    assert any(re.search("  14:23:10.000$", line) for line in lines)
    everything, notices = shown(fixture_path, ["connections"], 300)
    assert everything == run_query("-r", fixture_path, "connections").stdout.decode().splitlines()
    assert not any("not shown" in notice for notice in notices)


def test_the_width_is_that_of_columns(fixture_path):
    lines, _ = shown(fixture_path, ["connections"], 120, COLUMNS="60")
    assert max(map(len, lines)) <= 60
    lines, _ = shown(fixture_path, ["connections"], 120, COLUMNS="none")
    assert 60 < max(map(len, lines)) <= 120


@pytest.mark.parametrize("option", [["-w"], ["-f", "local,peer,opened_us,closed_us,outcome,bytes_sent"]])
def test_what_is_asked_for_is_shown(fixture_path, option):
    lines, notices = shown(fixture_path, ["connections", *option], 80)
    whole = run_query("-r", fixture_path, "connections", *option).stdout.decode().splitlines()
    assert len(lines[0].split()) - lines[0].count(" 2026-11-21") == len(whole[0].split())
    assert not any("not shown" in notice for notice in notices)
    if option == ["-w"]:
        assert lines == whole


def test_a_date_that_differs_stays(fixture_path):
    lines, _ = shown(fixture_path, ["recordings"], 80)
    assert lines[0].split() == ["RECORDING", "HOST", "STARTED", "UNTIL", "END", "CONNS", "LOST"]
    assert "2026-11-20 10:00:00" in lines[2] and "2026-11-21 14:00:00" in lines[1]


def test_texts_lose_their_middle(fixture_path):
    lines, _ = shown(fixture_path, ["processes"], 80)
    assert any(re.search(r"python3 /op\S*…\S*10\.0\.0\.31$", line) for line in lines)
    lines, _ = shown(fixture_path, ["processes"], 80, LC_ALL="C")
    assert any(re.search(r"python3 /op\S*\.\.\S*10\.0\.0\.31$", line) for line in lines)


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_columns_stand_below_each_other(long_texts, locale):
    """Also those behind a text that has escapes, or what the locale cannot show."""
    lines, _ = shown(long_texts, ["processes", "-f", "comm,sent"], 300, LC_ALL=locale)
    assert any(r"\xe2\x80\xaename\x41\x0a\xcd\xb8" in line for line in lines)
    assert len({columns(line) for line in lines}) == 1
    widest = max(columns(line.split()[0]) for line in lines)
    assert columns(lines[0]) == widest + 2 + max(columns(line.split()[1]) for line in lines)


def test_a_pipe_gets_all(fixture_path):
    whole = run_query("-r", fixture_path, "processes", COLUMNS="40").stdout.decode()
    assert "--queue orders --postgres postgres://10.0.0.30/orders --redis" in whole
