# SPDX-License-Identifier: Apache-2.0
"""sql: parameters, .schema and .tables, and that each query of its help works."""
import re
import shlex

import pytest

from files import column, run
from query_driver import run_query
from test_errors import check_failure


def cookbook():
    text = run_query("help", "sql").stdout.decode()
    commands = re.findall(r"^  ctrack-query (sql \"SELECT [^.].*?)\n(?=\S|\Z)", text, re.M | re.S)
    return [shlex.split(command) for command in commands]


def test_there_are_queries():
    assert len(cookbook()) == 5


@pytest.mark.parametrize("words", cookbook(), ids=lambda words: words[1][:50])
def test_cookbook(query, words):
    result = query(*words)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("value, expected", [
    ("5", "5,integer"), ("-5", "-5,integer"), ("1.5", "1.5,real"), ("five", "five,text"),
    ("", '"",text'), ("5x", "5x,text"), ("a=b", "a=b,text"), ("' OR 1", "' OR 1,text")])
def test_parameters(query, value, expected):
    result = query("sql", "SELECT :v AS v, typeof(:v) AS t", "--param", f"v={value}", "-o", "csv")
    assert result.stdout.decode() == f"v,t\r\n{expected}\r\n"


def test_several_parameters(query):
    result = query("sql", "SELECT id FROM connections WHERE local_port = :port AND family = :family "
                          "ORDER BY id LIMIT :limit", "--param", "port=80", "--param", "family=4",
                   "-n", "2", "-o", "csv")
    assert result.stdout == b"id\r\n4\r\n5\r\n"


@pytest.mark.parametrize("parameter, words", [
    ("v", ["bad --param 'v'", "NAME=VALUE"]), ("=5", ["bad --param"]), ("w=5", ["no :w"])])
def test_bad_parameters(query, parameter, words):
    check_failure(query("sql", "SELECT 1", "--param", parameter), 2, *words)


def test_parameters_are_of_sql_alone(query):
    check_failure(query("slowest", "--param", "a=1"), 2, "does not take --param")
    check_failure(run_query("list", "--param", "a=1"), 2, "does not take --param")


def test_schema(fixture_path):
    text = run("-r", fixture_path, "sql", ".schema").stdout.decode()
    for sql in column(fixture_path, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"):
        assert sql + ";\n" in text
    one = run("-r", fixture_path, "sql", ".schema", "batches").stdout.decode()
    assert one.startswith("CREATE TABLE batches ( -- one row for each commit")
    assert "CREATE TABLE events" not in one


def test_tables(fixture_path):
    lines = run("-r", fixture_path, "sql", ".tables", "-o", "csv").stdout.decode().split("\r\n")
    assert "connections,table" in lines and "rtt_log,view" in lines


def test_bad_dots(query):
    check_failure(query("sql", ".schema", "nowhere"), 1, "no table or view 'nowhere'")
    check_failure(query("sql", ".schema", "a", "b"), 2, "'b'")
    check_failure(query("sql", ".tables", "a"), 2, "'a'")
    check_failure(query("sql", ".dump"), 2, "no '.dump'")
