# SPDX-License-Identifier: Apache-2.0
"""-s, -f, -w, --at, --utc, --color and the formats."""
import csv
import datetime
import io
import json
import os
import re

import pytest

from query_driver import on_terminal, run_query
from test_errors import check_failure
from test_reports import report_names


def rows(query, *arguments):
    result = query(*arguments, "-o", "json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def column(query, name, *arguments):
    return [row[name] for row in rows(query, *arguments)]


def ordered(values, reverse):
    known = sorted((value for value in values if value is not None), reverse=reverse)
    return known + [None] * (len(values) - len(known))


def separated(query, *arguments):
    result = query(*arguments, "-o", "csv")
    assert result.returncode == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout.decode())))


def microseconds(iso):
    moment = datetime.datetime.fromisoformat(iso) - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return moment // datetime.timedelta(microseconds=1)


REPORTS = [[name, *{"connection": ["6"]}.get(name, [])] for name in report_names()]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report[0])
def test_times_are_text_in_csv_and_numbers_in_json(query, report):
    """The columns whose name is another than in JSON are the times, all of this century. No name
    comes twice."""
    header = query(*report, "-o", "csv").stdout.decode().partition("\r\n")[0].split(",")
    assert len(header) == len(set(header))
    for text, numbers in zip(separated(query, *report), rows(query, *report)):
        for name, (json_name, number) in zip(text, numbers.items()):
            if name != json_name:
                assert json_name == f"{name}_us" and (number is None or number > 10**15)
                assert (microseconds(text[name]) if text[name] else None) == number
            elif isinstance(number, int):
                assert text[name] == str(number) and number < 10**15


@pytest.mark.parametrize("zone, distance", [("Europe/Berlin", "+01:00"), ("UTC", "+00:00"),
                                            ("America/St_Johns", "-03:30"), ("Asia/Kolkata", "+05:30")])
def test_times_as_asked_for(query, zone, distance):
    def first(*arguments):
        result = run_query("-r", query.path, "slowest", "-n", "1", "-f", "opened_us", *arguments, TZ=zone)
        assert result.returncode == 0, result.stderr
        return result.stdout.decode()
    number = column(query, "opened_us", "slowest", "-n", "1")[0]
    assert first("-o", "csv", "--times", "epoch_us") == f"opened_us\r\n{number}\r\n"
    assert first("-o", "tsv", "--times", "epoch_us") == f"opened_us\n{number}\n"
    assert json.loads(first("-o", "json", "--times", "epoch_us")) == [{"opened_us": number}]
    iso = json.loads(first("-o", "ndjson", "--times", "iso"))["opened"]
    assert iso.endswith(distance) and len(iso) == 32 and microseconds(iso) == number
    assert first("-o", "csv") == first("-o", "csv", "--times", "iso") == f"opened\r\n{iso}\r\n"
    assert first("-o", "tsv") == f"opened\n{iso}\n"
    assert first("-o", "csv", "--utc").endswith("+00:00\r\n")
    assert len(rows(query, "connections", "-n", "0", f"opened >= {iso}")) == len(
        rows(query, "connections", "-n", "0", f"opened >= {number}"))


@pytest.mark.parametrize("sort, name, descending", [
    ("bytes_sent", "bytes_sent", True), ("-bytes_sent", "bytes_sent", False),
    ("bytes_sent:asc", "bytes_sent", False), ("bytes_sent:desc", "bytes_sent", True),
    ("comm", "comm", False), ("-comm", "comm", True), ("comm:desc", "comm", True),
    ("SENT", "bytes_sent", True), ("duration", "duration_us", True), ("RTT_MIN", "rtt_min_us", True)])
def test_sort(query, sort, name, descending):
    everything = column(query, name, "connections", "-n", "0")
    assert column(query, name, "connections", "-n", "0", "-s", sort) == ordered(
        everything, descending)


def test_sort_comes_before_the_limit(query):
    everything = column(query, "duration_us", "connections", "-n", "0")
    longest = column(query, "duration_us", "connections", "-s", "duration_us", "-n", "3")
    assert longest == ordered(everything, True)[:3]
    assert len(query("connections", "-s", "id").stdout.splitlines()) == 21


@pytest.mark.parametrize("report", ["events", "pairs", "rtt", "recordings", "top-talkers"])
def test_other_reports_can_be_sorted(query, report):
    name = list(rows(query, report)[0])[0]
    everything = column(query, name, report, *(["-n", "0"] if report not in ("rtt", "recordings") else []))
    assert column(query, name, report, "-s", f"{name}:asc", "-n", "0") == ordered(everything, False)


def test_columns(query):
    chosen = rows(query, "connections", "-f", "comm,PID,rtt_min", "-n", "2")
    assert [list(row) for row in chosen] == [["comm", "pid", "rtt_min_us"]] * 2
    table = query("connections", "-f", "rtt_min_us,comm", "-n", "1").stdout.decode()
    assert table.split() == ["RTT_MIN", "COMM", "-", "curl"]
    assert query("connections", "-f", "id", "-n", "1", "-o", "csv").stdout == b"id\r\n28\r\n"


def test_wide(query):
    narrow, wide = (query("slowest", "-n", "1", *more).stdout.decode().split("\n")[0].split()
                    for more in ((), ("-w",)))
    assert wide == (["HOST"] + narrow[:8] + ["RTT_P99", "WAIT", "IDLE", "LIMITED"] + narrow[8:]
                    + ["ID", "DIR", "RTT_MIN", "BUSY", "RWND_LIMITED", "SNDBUF_LIMITED"])


def test_at(query):
    at = rows(query, "connections", "--at", "2026-11-21 14:02:05.21", "-n", "0")
    assert sorted(row["id"] for row in at) == [3, 11, 19, 20, 23, 24, 25, 26]
    active = rows(query, "active", "--at", "2026-11-21 14:02:05.21")
    assert [row["id"] for row in active] == [3, 25, 26, 11, 19, 20, 23, 24]


def test_utc(query):
    assert "2026-11-21 13:23:10" in query("failures", "--utc", "-n", "1").stdout.decode()
    assert "2026-11-21 14:23:10" in query("failures", "-n", "1").stdout.decode()
    window = ("-b", "2026-11-21 13:02", "-e", "2026-11-21 13:03")
    local = ("-b", "2026-11-21 14:02", "-e", "2026-11-21 14:03")
    assert rows(query, "connections", "--utc", *window) == rows(query, "connections", *local) != []


def test_tsv(query):
    expected = list(csv.reader(io.StringIO(query("connections", "-o", "csv").stdout.decode())))
    lines = query("connections", "-o", "tsv").stdout.decode().split("\n")
    assert [line.split("\t") for line in lines] == expected + [[""]]
    result = query("sql", r"SELECT 'a' || char(9, 10, 13) || '\' AS x, NULL AS y", "-o", "tsv")
    assert result.stdout == b"x\ty\na\\t\\n\\r\\\\\t\n"


def test_openmetrics(query, expect):
    result = query("summary", "-o", "openmetrics")
    assert result.returncode == 0
    expect("summary.openmetrics", result.stdout)
    summary = rows(query, "summary")[0]
    text = result.stdout.decode()
    values = dict(re.findall(r"^([a-z_]+) (\S+)$", text, re.MULTILINE))
    assert text.endswith("\n# EOF\n")
    assert int(values["ctrack_bytes_sent"]) == summary["bytes_sent"]
    assert float(values["ctrack_rtt_max_seconds"]) * 1e6 == pytest.approx(summary["rtt_max_us"])
    assert float(values["ctrack_first_timestamp_seconds"]) * 1e6 == summary["first_us"]
    assert len(values) == sum(value is not None for value in summary.values())
    for line in text.splitlines():
        assert re.fullmatch(r"# (TYPE|UNIT|HELP) ctrack_[a-z_]+ .+|ctrack_[a-z_]+ [-+.e0-9]+|# EOF", line)


@pytest.mark.parametrize("arguments", [("slowest",), ("rtt",), ("sql", "SELECT 1")])
def test_openmetrics_is_for_summaries(query, arguments):
    check_failure(query(*arguments, "-o", "openmetrics"), 2, "openmetrics is for", "summary")
    check_failure(run_query("list", "-o", "openmetrics"), 2, "openmetrics is for", "summary")


@pytest.mark.parametrize("report", [name for name in report_names() if name != "connection"])
def test_each_option_does_something_or_is_refused(query, report):
    """Nothing fails, and nothing is ignored without a word."""
    name = list(rows(query, report)[0])[0]
    for arguments in (["-b", "2026-11-21 14:05"], ["-e", "2026-11-21 14:05"], ["-n", "1"],
                      ["--at", "2026-11-21 14:05"], ["-p", "950"], ["-c", "python?"],
                      ["-L", "80"], ["-D", "80"], ["-P", "80"], ["-4"], ["-6"],
                      ["--local", "127.0.0.1"], ["--peer", "10.0.0.0/8"], ["--container", "3f"],
                      ["--unit", "nginx"], ["--outcome", "closed"], ["pid = 950"],
                      ["-s", f"{name}:asc"], ["-f", name], ["-w"], ["--utc"],
                      ["--color", "always"], ["-o", "openmetrics"], ["-o", "tsv"]):
        plain, changed = query(report), query(report, *arguments)
        if changed.returncode == 2:
            assert re.search(f"{report} (takes|has|is not|shows no)|is for reports of one row",
                             changed.stderr.decode()), arguments
        else:
            assert changed.returncode == 0, changed.stderr
            assert changed.stdout != plain.stdout or (arguments[0] in MAY_CHANGE_NOTHING) or (
                report, arguments[0]) == ("resets", "--unit"), arguments


# Where the fixture happens to have it so already.
MAY_CHANGE_NOTHING = ("-s", "-n", "-4", "-e", "-b", "-f")

BOLD, RED = "\x1b[1m", "\x1b[31m"


def test_color(query):
    plain = query("failures").stdout.decode()
    assert "\x1b" not in plain
    always = query("failures", "--color", "always").stdout.decode()
    assert BOLD in always and RED in always
    assert re.sub(r"\x1b\[[0-9;]*m", "", always).split() == plain.split()
    assert query("failures", "--color", "never").stdout.decode() == plain
    assert query("failures", "--color", "auto").stdout.decode() == plain


@pytest.mark.parametrize("environment, arguments, is_coloured", [
    ({}, (), True), ({"NO_COLOR": "1"}, (), False), ({"NO_COLOR": ""}, (), True),
    ({"TERM": "dumb"}, (), False), ({"NO_COLOR": "1"}, ("--color", "always"), True),
    ({}, ("--color", "never"), False)])
def test_color_on_a_terminal(fixture_path, environment, arguments, is_coloured):
    result = on_terminal(fixture_path, "failures", *arguments, **environment)
    assert result.returncode == 0
    assert (BOLD in result.stdout.decode()) == is_coloured


def test_a_table_fits_the_terminal(fixture_path):
    text = on_terminal(fixture_path, "processes", NO_COLOR="1").stdout.decode()
    text = text[:text.index("ctrack-query: lost")]
    assert max(map(len, text.splitlines())) <= 120
    assert "--queue orders --postg" not in text  # cut
    assert "--queue orders --postg" in run_query("-r", fixture_path, "processes").stdout.decode()


def test_a_long_table_is_laid_out_in_blocks(query):
    numbers = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20001) "
               "SELECT i FROM n")
    lines = query("sql", numbers).stdout.decode().split()
    assert [line for line in lines if line != "I"] == [str(i) for i in range(1, 20002)]
    assert lines.count("I") == 3
    assert query("sql", numbers.replace("20001", "10000")).stdout.decode().split().count("I") == 1


@pytest.mark.parametrize("arguments, words", [
    (("slowest", "-s", "bogus"), ["no column 'bogus'", "rtt_avg_us"]),
    (("slowest", "-s", ""), ["no column ''"]),
    (("slowest", "-s", "rtt_agv_us"), ["did you mean rtt_avg_us?"]),
    (("slowest", "-f", "pid,bogus"), ["no column 'bogus'"]),
    (("slowest", "-f", "pid,"), ["no column ''"]),
    (("summary", "-s", "opened"), ["summary has one row", "-s"]),
    (("slowest", "-w", "-o", "json"), ["leave out -w"]),
    (("slowest", "-w", "-f", "pid"), ["leave out -w"]),
    (("slowest", "--utc", "-o", "json"), ["leave out --utc"]),
    (("rtt", "--utc"), ["rtt shows no times", "--utc"]),
    (("rtt", "-w"), ["rtt has no hidden columns", "-w"]),
    (("slowest", "--color", "always", "-o", "csv"), ["leave out --color"]),
    (("slowest", "-o", "json", "--utc"), ["times are numbers here: leave out --utc, or add --times iso"]),
    (("slowest", "-o", "csv", "--times", "epoch_us", "--utc"), ["leave out --utc"]),
    (("slowest", "--times", "iso"), ["--times is for csv, tsv, json and ndjson"]),
    (("summary", "-o", "openmetrics", "--times", "iso"), ["--times is for csv"]),
    (("top-talkers", "-o", "csv", "--times", "iso"), ["top-talkers shows no times: leave out --times"]),
    (("sql", "SELECT 1", "-o", "csv", "--times", "iso"), ["sql shows no times"]),
    (("slowest", "-o", "csv", "--times", "unix"), ["bad --times 'unix': expected iso, epoch_us"]),
    (("slowest", "--color", "pink"), ["bad --color 'pink'", "always"]),
    (("slowest", "-o", ""), ["bad -o ''"]),
    (("slowest", "-n", ""), ["bad -n ''"]),
    (("failures", "--at", "14:00"), ["failures is not about a moment", "--at"]),
    (("info", "--at", "14:00"), ["leave out --at"]),
    (("slowest", "--at", "14:00", "-b", "13:00"), ["leave out -b and -e"]),
    (("active", "-b", "14:00"), ["active has no begin", "-b"]),
    (("slowest", "-s", "foo"), ["no column 'foo': there are hostname, "])])
def test_useless_or_wrong(query, arguments, words):
    check_failure(query(*arguments), 2, *words)
