# SPDX-License-Identifier: Apache-2.0
"""A file from a stranger: nothing of its schema runs, and what is not ours in it does no harm."""
import json
import os
import re
import shutil
import sqlite3
import time

import pytest

from files import check_whole, rows, run
from query_driver import run_query
from test_errors import check_failure
from test_reports import ARGUMENTS, report_names

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
COMMANDS = [
    *([report, *ARGUMENTS.get(report, []), "-o", "json"] for report in report_names()),
    ["sql", "SELECT 1"], ["sql", "SELECT count(*), max(rtt_us) FROM rtt_log"], ["sql", "SELECT * FROM traffic"],
    ["export", "--zeek"], ["export", "--ndjson"], ["snapshot"]]


def names(path, kind):
    return [row[0] for row in rows(path, "SELECT name FROM sqlite_schema WHERE type = ? "
                                   "AND name NOT GLOB 'sqlite_*' ORDER BY rowid", [kind])]


def columns(path, table):
    return [row[0] for row in rows(path, "SELECT name FROM pragma_table_info(?)", [table])]


def changed(fixture_path, folder, *statements, name="changed.db"):
    path = folder / name
    shutil.copy(fixture_path, path)
    db = sqlite3.connect(path)
    db.execute("PRAGMA legacy_alter_table = ON")  # leaves other texts as they are
    for statement in statements:
        db.executescript(statement)
    db.close()
    return path


def endless_view(path, name):
    """It has the columns of what it takes the place of, but never ends."""
    values = ", ".join(f'i AS "{column}"' for column in columns(path, name))
    return f"CREATE VIEW {name} AS {ENDLESS} SELECT {values} FROM n"


def said(path, words, folder):
    """The output of a command, without what differs between two files with the same rows."""
    new = folder / "new.db"
    output = ["-o", new, "--force"] if words[0] == "snapshot" else []
    result = run("-r", os.path.relpath(path, folder), *words, *output, cwd=folder)
    if words[0] == "snapshot":
        check_whole(new)
        return {table: rows(new, f"SELECT * FROM {table}")
                for table in names(new, "table") if table != "snapshots"}
    return re.sub(r'#(open|close)\t.*|"(path|file_bytes)":[^,]*', "", result.stdout.decode())


@pytest.fixture(scope="module")
def expected(fixture_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("expected")
    return [said(fixture_path, words, folder) for words in COMMANDS]


def verify(path, code):
    result = run_query("verify", path, "-o", "json")
    assert result.returncode == code, result.stderr.decode()
    return [(row["status"], row["finding"]) for row in json.loads(result.stdout)
            if row["check"] == "schema"]


def test_views_that_never_end(fixture_path, tmp_path, expected):
    views = names(fixture_path, "view")
    path = changed(fixture_path, tmp_path, *(
        f"DROP VIEW {view}; {endless_view(fixture_path, view)}" for view in views))
    begin = time.monotonic()
    for words, before in zip(COMMANDS, expected):
        assert said(path, words, tmp_path) == before
    assert verify(path, code=1) == [("wrong", f"view {view} is not as ctrack makes it") for view in views]
    run("merge", path, "-o", tmp_path / "merged.db")
    assert time.monotonic() - begin < 60  # none of them ends


def test_a_users_sql_can_still_ask_for_the_view_of_the_file(fixture_path, tmp_path):
    path = changed(fixture_path, tmp_path, "DROP VIEW traffic; CREATE VIEW traffic AS SELECT 7 AS x")
    assert json.loads(run("-r", path, "sql", "SELECT x FROM main.traffic", "-o", "json").stdout) == [{"x": 7}]


@pytest.mark.parametrize("table", ["recordings", "batches", "processes", "snapshots", "errnos"])
@pytest.mark.parametrize("kind", ["view", "virtual table"])
def test_what_should_be_a_table(fixture_path, tmp_path, table, kind):
    instead = {"view": endless_view(fixture_path, table),
               "virtual table": f"CREATE VIRTUAL TABLE {table} USING fts5({', '.join(columns(fixture_path, table))})"}
    path = changed(fixture_path, tmp_path, f"ALTER TABLE {table} RENAME TO mine; {instead[kind]}")
    why = f"table {table} is {'not there' if kind == 'view' else 'not as ctrack makes it'}"
    for words in (["summary"], ["info"], ["sql", "SELECT 1"], ["export", "--zeek"],
                  ["snapshot", "-o", tmp_path / "new.db"]):
        check_failure(run_query("-r", path, *words), 1, f"cannot read {path}: ", why, f"verify {path}")
    check_failure(run_query("merge", path, "-o", tmp_path / "new.db"), 1, why)
    check_failure(run_query("-r", fixture_path, "-r", path, "summary"), 1, f"cannot read {path}: ", why)
    found = verify(path, code=1)
    assert ("note", "table mine is not one of ctrack's") in found
    assert found[-1] == ("note", "nothing else is looked at in such a file")


@pytest.mark.parametrize("table, statement, column", [
    ("tcp_states", "ALTER TABLE tcp_states DROP COLUMN name", "name"),
    ("tcp_states", "CREATE TABLE tcp_states (id INTEGER PRIMARY KEY, name TEXT AS (hex(id)))", "name"),
    ("tcp_states", "CREATE TABLE tcp_states (id INTEGER, name TEXT)", "id"),
    ("tcp_states", "CREATE TABLE tcp_states (id INTEGER PRIMARY KEY, name BLOB)", "name")])
def test_columns_that_are_not_ours(fixture_path, tmp_path, table, statement, column):
    before = f"DROP TABLE {table};" if statement.startswith("CREATE") else ""
    if not before:
        before = f"DROP TABLE {table}; CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT);"
    path = changed(fixture_path, tmp_path, before + statement)
    why = f"column {table}.{column} is not as ctrack makes it"
    check_failure(run_query("-r", path, "summary"), 1, why)
    assert ("wrong", why) in verify(path, code=1)


@pytest.mark.parametrize("name", ["pragma_database_list", "PRAGMA_integrity_check"])
def test_what_stands_in_the_place_of_sqlites_own(fixture_path, tmp_path, name):
    path = changed(fixture_path, tmp_path, f"CREATE VIEW {name} AS {ENDLESS} SELECT i AS name FROM n")
    why = f"view {name} is not one of ctrack's"
    for words in (["info"], ["sql", "SELECT 1"]):
        check_failure(run_query("-r", path, *words), 1, why)
    assert verify(path, code=1)[0] == ("wrong", why)


def with_everything_of_its_own(fixture_path, folder):
    """Each table has all the columns that others have too, so that a name is that of many, and one
    that takes long to work out; and there are tables, views, indexes and triggers of many kinds."""
    tables = names(fixture_path, "table")
    every = sorted({column for table in tables for column in columns(fixture_path, table)} - {"rtt_avg_us"})
    statements = [f'ALTER TABLE {table} ADD COLUMN "{column}" ANY DEFAULT -1'
                  for table in tables for column in every if column not in columns(fixture_path, table)]
    statements += [f"ALTER TABLE {table} ADD COLUMN slow ANY AS (hex(zeroblob(100000000)))" for table in tables]
    statements += [f"CREATE TABLE {name} (a); CREATE INDEX {name}_index ON {name} (a)"
                   for name in ("notes", "files", "losses", "spans", "alive", "chosen_connections")]
    return changed(
        fixture_path, folder, *statements,
        "CREATE INDEX mine ON connections (opened_us DESC)",
        "CREATE INDEX own_expression ON events (abs(time_us)) WHERE value > 3",
        "CREATE VIRTUAL TABLE words USING fts5(a)",
        f"CREATE VIEW own AS {ENDLESS} SELECT i FROM n",
        "CREATE VIEW one AS SELECT 1 AS x FROM connections",
        "CREATE TRIGGER t AFTER INSERT ON connections BEGIN DELETE FROM events; END",
        name="own things.db")


def test_what_is_a_users_own_does_no_harm(fixture_path, tmp_path, expected):
    path = with_everything_of_its_own(fixture_path, tmp_path)
    for words, before in zip(COMMANDS, expected):
        assert said(path, words, tmp_path) == before, words
    found = verify(path, code=0)
    assert {status for status, _ in found} == {"note"}
    run("merge", path, "-o", tmp_path / "merged.db")
    check_whole(tmp_path / "merged.db")
    two = [json.loads(run("-r", first, "-r", tmp_path / "merged.db", "top-talkers", "-o", "json").stdout)
           for first in (path, fixture_path)]
    assert two[0] == two[1]


def test_verify_names_what_is_a_users_own(fixture_path, tmp_path):
    path = changed(fixture_path, tmp_path, "CREATE TABLE notes (a)", "CREATE INDEX i ON events (kind)",
                   "CREATE VIEW v AS SELECT 1", "ALTER TABLE errnos ADD COLUMN mine TEXT",
                   "CREATE TRIGGER t DELETE ON events BEGIN SELECT 1; END")
    assert verify(path, code=0) == [("note", f"{what} is not one of ctrack's") for what in
                                    ("column errnos.mine", "index i", "table notes", "trigger t", "view v")]
    for command in (["-r", path, "snapshot"], ["merge", path]):
        result = run(*command, "-o", tmp_path / "new.db", "--force")
        assert (f"ctrack-query: not copied from {path}, as it is not ctrack's: column errnos.mine, "
                "index i, table notes, trigger t, view v\n") in result.stderr.decode()


def test_what_is_a_users_own_can_be_asked_for(fixture_path, tmp_path):
    path = changed(fixture_path, tmp_path, "CREATE TABLE notes (a); INSERT INTO notes VALUES (5)",
                   "CREATE VIEW doubled AS SELECT 2 * a AS b FROM notes",
                   "ALTER TABLE connections ADD COLUMN mine TEXT DEFAULT 'm'")
    both = "SELECT b, (SELECT max(mine) FROM connections) AS mine FROM doubled"
    assert json.loads(run("-r", path, "sql", both, "-o", "json").stdout) == [{"b": 10, "mine": "m"}]
    other = tmp_path / "other.db"
    shutil.copy(path, other)
    sql = ["sql", "SELECT b FROM doubled", "-o", "json"]
    assert json.loads(run("-r", path, "-r", other, *sql).stdout) == [{"b": 10}, {"b": 10}]


@pytest.mark.parametrize("version", [0, -1, -2147483648])
def test_a_version_that_is_none(fixture_path, tmp_path, version):
    path = changed(fixture_path, tmp_path, f"PRAGMA user_version = {version}")
    why = f"does not say which version of a ctrack file it is (its user_version is {version})"
    check_failure(run_query("-r", path, "summary"), 1, why)
    check_failure(run_query("verify", path), 1, why)
    check_failure(run_query("merge", path, "-o", tmp_path / "new.db"), 1, why)
    check_failure(run_query("-r", fixture_path, "-r", path, "summary"), 1, f"{path} {why}")


@pytest.mark.parametrize("command", [["summary"], ["verify"], ["snapshot", "-o", "new.db"]])
def test_a_directory(tmp_path, command):
    check_failure(run_query("-r", tmp_path, *command, cwd=tmp_path), 1,
                  f"cannot read {tmp_path}: it is a directory")
