# SPDX-License-Identifier: Apache-2.0
"""A file and its name come from strangers: nothing in them acts on a terminal."""
import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import unicodedata

import pytest

from query_driver import RECORDER, ROOT, on_terminal, run_query
from test_shape import report_names

# It colours, turns the direction, is invisible, is no UTF-8, and forges a line.
HOSTILE = b"a\x1b[31mb\xe2\x80\xaec\xe2\x80\x8bd\xff\xc2\x9be\nctrack-query: all is well\r"
SHOWN = (r"a\x1b[31mb\xe2\x80\xaec\xe2\x80\x8bd\xff\xc2\x9be\x0actrack-query: all is well\x0d")
EVIL = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u200b\u202e]")


UNSEEN = ("Cc", "Cf", "Zl", "Zp")
# Shown as nothing, though of other categories (Default_Ignorable_Code_Point).
NOTHING = {0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0, *range(0x180b, 0x1810),
           *range(0xfe00, 0xfe10), *range(0xe0100, 0xe01f0)}
EACH_CHARACTER = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT iif(i = 0x2ffff, 0xe0000, i + 1) FROM n WHERE i < 0xe0fff)
    SELECT i || '=' || char(i) || '!' AS x FROM n WHERE i NOT BETWEEN 0xd800 AND 0xdfff"""


def test_each_character_in_a_table(query):
    """Against Python's tables. What these do not know yet may be either."""
    shown = dict(re.findall(r"^(\d+)=(.*)!$", query("sql", EACH_CHARACTER).stdout.decode(), re.M))
    assert len(shown) > 190_000
    for number, text in shown.items():
        character = chr(int(number))
        is_escaped = text == "".join(f"\\x{byte:02x}" for byte in character.encode())
        assert is_escaped or text == character
        category = unicodedata.category(character)
        if category in UNSEEN or int(number) in NOTHING:
            assert is_escaped, number
        elif category not in ("Cn", "Co"):
            assert not is_escaped, number


def test_texts_stay(query):
    text = "\\x41 käse Жизнь 日本語 ﷺ 🐱 \\"
    assert query("sql", f"SELECT '{text}' AS x").stdout.decode() == f"X\n{text}\n"


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82",
                                 b"\xf8\x88\x80\x80\x80"])
def test_what_is_no_utf8_is_escaped(query, bad):
    shown = query("sql", f"SELECT CAST(x'{bad.hex()}' AS TEXT) || '!' AS x").stdout.decode()
    assert shown == "X\n" + "".join(f"\\x{byte:02x}" for byte in bad) + "!\n"


@pytest.mark.parametrize("form, shown", [("tsv", r"a\\b\n\x1b"), ("csv", r'"a\b\x0a\x1b"')])
def test_a_terminal_gets_what_the_form_writes(fixture_path, form, shown):
    sql = "SELECT 'a\\b' || char(10, 27) AS x"
    assert on_terminal(fixture_path, "sql", sql, "-o", form).stdout.decode().splitlines() == ["x", shown]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, fixture_path):
    """The fixture with hostile names wherever there is text, and with a hostile name of its own."""
    path = tmp_path_factory.mktemp("hostile") / "x\x1b[31m\u202e\ny.db"
    path.write_bytes(fixture_path.read_bytes())
    db = sqlite3.connect(path)
    db.execute("PRAGMA ignore_check_constraints = 1")
    for table, column in [("processes", "comm"), ("processes", "cmdline"), ("processes", "exe"),
                          ("connections", "congestion"), ("connections", "ulp"),
                          ("recordings", "hostname"), ("recordings", "kernel"), ("recordings", "options"),
                          ("cgroups", "path"), ("cgroups", "systemd_unit"), ("cgroups", "container_id")]:
        db.execute(f"UPDATE {table} SET {column} = CAST(? AS TEXT) || {column}", [HOSTILE])
    db.commit()
    db.close()
    return path


def check_safe(text):
    bad = EVIL.search(text.replace("\r\n", "\n").replace("\r\x1b[K", ""))
    assert not bad, (bad, text)
    assert not re.search("^ctrack-query: all", text, re.MULTILINE)


REPORTS = [[name, "6"] if name == "connection" else [name] for name in report_names()]


FORMS = [["-o", form] for form in ("table", "csv", "ndjson")]


@pytest.mark.parametrize("arguments", [
    *[report + form for report in [*REPORTS, ["verify"]] for form in FORMS], ["list", "-o", "tsv"],
    ["sql", "SELECT * FROM processes", "-o", "tsv"], ["sql", "SELECT * FROM processes", "-o", "json"],
    ["processes", "-w"], ["connection", "6", "-w"]], ids="-".join)
def test_nothing_acts_on_a_terminal(hostile, arguments):
    result = on_terminal(hostile, *arguments, NO_COLOR="1", CTRACK_PAGER="cat")
    check_safe(result.stdout.decode())


@pytest.mark.parametrize("arguments", [
    ["losses", "-b", "2001-01-01", "-e", "2001-01-02"], ["summary"], ["sql", "SELECT x'1b' + bad"],
    ["sql", "SELECT no_such_function\x1b[31m()"], ["slowest", "-b", "\x1b[31m\u202e"], ["\u202eevil\n"],
    ["slowest", "-n", "\x9b1m"], ["slowest", "--no\u200bsuch"], ["slowest", "-s", "\x1b[0m"],
    ["top-talkers", "comm = '\x1b[0m\u2028"], ["sql", ".schema", "\x1b"], ["slowest", "-r", "/no\x1b[31m"]],
    ids=repr)
def test_messages_are_one_line_each(hostile, arguments):
    stderr = run_query("-r", hostile, *arguments).stderr.decode()
    check_safe(stderr)
    assert all(line.startswith("ctrack-query: ") for line in stderr.splitlines())


def test_the_schema_on_a_terminal(hostile):
    db = sqlite3.connect(hostile)
    db.execute("CREATE TABLE mine (a TEXT DEFAULT '\x1b[31m\u202e')")
    db.commit()
    db.close()
    shown = on_terminal(hostile, "sql", ".schema", "mine").stdout.decode()
    check_safe(shown)
    assert r"\x1b[31m\xe2\x80\xae" in shown
    assert "\x1b[31m\u202e" in run_query("-r", hostile, "sql", ".schema", "mine").stdout.decode()


def test_pipes_get_the_bytes_as_they_are(hostile):
    select = "SELECT comm AS a, 1 AS b FROM processes WHERE pid = 801"
    raw = run_query("-r", hostile, "sql", select, "-o", "csv").stdout
    assert raw == b'a,b\r\n"' + HOSTILE + b'nginx",1\r\n'
    shown = on_terminal(hostile, "sql", select, "-o", "csv").stdout.decode()
    assert list(csv.reader(io.StringIO(shown))) == [["a", "b"], [SHOWN + "nginx", "1"]]


def test_metadata_of_a_file_of_any_name(tmp_path):
    path = bytes(tmp_path) + b"/x\xff\xe2\x80\xae.db"
    written = run_query("schema", "--datasette", "-r", os.fsdecode(path)).stdout.decode()
    assert list(json.loads(written)["databases"]) == ["x\ufffd\u202e"]
    check_safe(written)


@pytest.mark.parametrize("run", [run_query, lambda *words: on_terminal(words[1], *words[2:])])
def test_json_has_the_same_text_everywhere(hostile, run):
    text = "".join(chr(i) for i in range(1, 0xe0080) if unicodedata.category(chr(i)) in UNSEEN)[:90] + "\u00e4\U000e0041"
    select = f"SELECT char({', '.join(str(ord(character)) for character in text)}) AS x"
    written = run("-r", hostile, "sql", select, "-o", "json").stdout.decode()
    assert json.loads(written) == [{"x": text}]
    check_safe(written)
    assert "\u00e4" in written


def test_a_name_in_a_timeline_is_json(fixture_path, tmp_path):
    """It is made by SQLite, which lets bytes pass that are no UTF-8."""
    path = tmp_path / "t.db"
    path.write_bytes(fixture_path.read_bytes())
    db = sqlite3.connect(path)
    db.execute("PRAGMA ignore_check_constraints = 1")
    db.execute("UPDATE tcp_states SET name = CAST(? AS TEXT) || name", [HOSTILE])
    db.commit()
    db.close()
    written = run_query("-r", path, "connection", "6", "-o", "json").stdout.decode()
    assert json.loads(written)
    check_safe(written)


@pytest.mark.parametrize("arguments", [["--rtt", "\x1b[31m\u202e\n"], ["\x9b1m"], ["--config", "/no\x1b[31m"],
                                       ["--cgroup", "/no\x1b[31m"]], ids=repr)
def test_messages_of_the_recorder(arguments):
    result = subprocess.run([RECORDER, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=30, check=False)
    assert result.returncode != 0
    check_safe(result.stderr.decode())
    assert len(result.stderr.decode().splitlines()) == 1


def test_stderr_is_written_in_one_place():
    """Besides, Watch writes a line of its own that goes again."""
    writers = {path.name for path in (ROOT / "query").rglob("*.cpp") if re.search(
        r"\bstderr\b", re.sub("//.*", "", path.read_text(encoding="utf-8")))}
    assert writers == {"say.cpp", "watch.cpp"}
