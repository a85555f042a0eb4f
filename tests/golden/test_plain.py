# SPDX-License-Identifier: Apache-2.0
"""snapshot --plain: the same rows and views without STRICT. tests/elsewhere opens such a file in
the programs that it is for."""
import sqlite3

import pytest

from files import check_whole, column, report, rows, run
from query_driver import run_query
from test_reports import report_names


@pytest.fixture
def plain(fixture_path, tmp_path):
    path = tmp_path / "plain.db"
    run("-r", fixture_path, "snapshot", "--plain", "-o", path)
    return path


def schema_of(path):
    return dict(rows(path, "SELECT type || ' ' || name, sql FROM sqlite_schema"))


def test_the_schema_is_the_same_but_for_strict(fixture_path, plain):
    check_whole(plain)
    ours, theirs = schema_of(fixture_path), schema_of(plain)
    assert list(theirs) == list(ours)
    assert any("STRICT" in sql for sql in ours.values() if sql)
    for name, sql in ours.items():
        assert theirs[name] == (sql and sql.replace(" STRICT, W", " W").replace(" STRICT", ""))


def test_rows_and_views_are_the_same(fixture_path, plain):
    for name in column(plain, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
                              "AND name NOT IN ('snapshots', 'long_connections', 'sqlite_stat1')"):
        assert sorted(map(repr, rows(plain, f"SELECT * FROM {name}"))) == sorted(
            map(repr, rows(fixture_path, f"SELECT * FROM {name}"))), name


@pytest.mark.parametrize("name", [name for name in report_names()
                                  if name not in ("info", "recordings")])
def test_reports_say_the_same(fixture_path, plain, name):
    assert run("-r", plain, name, *("5",)[:name == "connection"]).stdout == run(
        "-r", fixture_path, name, *("5",)[:name == "connection"]).stdout


def test_info_and_verify(fixture_path, plain):
    assert [report(path, "info")[0]["form"] for path in (fixture_path, plain)] == ["strict", "plain"]
    result = run("-r", plain, "-r", fixture_path, "info", "-f", "form")
    assert result.stdout.decode().split() == ["form", "plain", "form", "strict"]
    assert run("verify", plain).stdout.startswith(b"STATUS")


def test_a_wrong_type_is_found(plain):
    """Only a plain file lets another program write it."""
    db = sqlite3.connect(plain)
    db.execute("UPDATE connections SET bytes_sent = 'many' WHERE id < 3")
    db.commit()
    db.close()
    result = run_query("verify", plain)
    assert result.returncode == 1
    assert b"values of another type than their column's in 2 of connections" in result.stdout


def test_of_plain_files(fixture_path, plain, tmp_path):
    """A snapshot or a merge of them is an ordinary file, unless it is to be plain."""
    whole, again, merged = (tmp_path / name for name in ("whole.db", "again.db", "merged.db"))
    run("-r", plain, "snapshot", "-o", whole)
    run("-r", plain, "snapshot", "--plain", "-o", again)
    run("merge", "-o", merged, plain)
    assert schema_of(again) == schema_of(plain)
    for path in (whole, merged):
        assert schema_of(path) == schema_of(fixture_path)
        assert column(path, "SELECT count(*) FROM rtt_log") == column(
            fixture_path, "SELECT count(*) FROM rtt_log")
