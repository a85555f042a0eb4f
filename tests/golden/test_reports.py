# SPDX-License-Identifier: Apache-2.0
"""Each report in each format that matters, against tests/golden/expected."""
import json

import pytest

from query_driver import run_query


def report_names():
    return [row["name"] for row in json.loads(run_query("list", "-o", "json").stdout)]


def without_path(output, query):
    """The report info tells where the file lies: in a different place each time."""
    return output.replace(str(query.path.resolve()).encode(), b"/fixture.db")


# The others show all of the fixture, or enough, without asking.
ARGUMENTS = {"connections": ["-n", "0"]}


@pytest.mark.parametrize("output", ["table", "json"])
@pytest.mark.parametrize("report", report_names())
def test_report(query, expect, report, output):
    result = query(report, "-o", output, *ARGUMENTS.get(report, []))
    assert result.returncode == 0, result.stderr
    expect(f"{report}.{output}", without_path(result.stdout, query))


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
