# SPDX-License-Identifier: Apache-2.0
"""Each report in each format that matters, against tests/golden/expected."""
import json
import re

import pytest

from query_driver import run_query


def report_names():
    return [row["name"] for row in json.loads(run_query("list", "-o", "json").stdout)]


def without_path(output, query):
    """The report info tells where the file lies: in a different place each time."""
    return output.replace(str(query.path.resolve()).encode(), b"/fixture.db")


# The others show all of the fixture, or enough, without asking.
ARGUMENTS = {"connections": ["-n", "0"], "connection": ["6"]}


@pytest.mark.parametrize("output", ["table", "json"])
@pytest.mark.parametrize("report", report_names())
def test_report(query, expect, report, output):
    result = query(report, "-o", output, *ARGUMENTS.get(report, []))
    assert result.returncode == 0, result.stderr
    expect(f"{report}.{output}", without_path(result.stdout, query))


def choices():
    """Each report with each of its --by, as its help lists them."""
    for report in report_names():
        text = run_query("help", report).stdout.decode()
        for by in re.findall(r"^--by (\S+): \S", text, re.MULTILINE):
            yield report, by


@pytest.mark.parametrize("report, by", choices())
def test_by(query, expect, report, by):
    result = query(report, "--by", by)
    assert result.returncode == 0, result.stderr
    expect(f"{report}.by-{by}.table", result.stdout)


@pytest.mark.parametrize("end", ["5", "11", "14", "28", "10.0.0.5:80-198.51.100.7:40312"])
def test_connection(query, expect, end):
    """Of many samples, never established, without a route; by its two ends."""
    result = query("connection", end)
    assert (result.returncode, result.stderr) == (0, b"")
    expect(f"connection.{end.replace(':', '_')}.table", result.stdout)


@pytest.mark.parametrize("report", json.loads(run_query("list", "-o", "json").stdout),
                         ids=lambda report: report["name"])
def test_aliases(query, report):
    more = ARGUMENTS.get(report["name"], [])
    for alias in report["aliases"].split():
        assert query(alias, *more).stdout == query(report["name"], *more).stdout
        assert run_query("help", alias).stdout == run_query("help", report["name"]).stdout


@pytest.mark.parametrize("output", ["csv", "ndjson"])
def test_other_formats(query, expect, output):
    result = query("top-talkers", "-o", output)
    assert result.returncode == 0
    expect(f"top-talkers.{output}", result.stdout)


def test_list(expect):
    expect("list.table", run_query("list").stdout)


def test_usage(expect):
    result = run_query("--help")
    assert (result.returncode, result.stderr) == (0, b"")
    expect("usage.txt", result.stdout)
    assert run_query("help").stdout == result.stdout


@pytest.mark.parametrize("report", report_names())
def test_help_is_the_leading_comment(report):
    help_text = run_query("help", report)
    assert (help_text.returncode, help_text.stderr) == (0, b"")
    assert help_text.stdout.decode().startswith(f"{report}: ")
    assert run_query(report, "--help").stdout == help_text.stdout
