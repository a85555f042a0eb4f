# SPDX-License-Identifier: Apache-2.0
"""The man pages have all that the programs tell of themselves, and man shows them without a word."""
import json
import os
import re
import subprocess

import pytest

from manual import (FOLDER, choices, columns, commands, fields, is_defined, options, options_of_report,
                    page, report_names, report_section, reports, section, told, told_by_recorder)
from query_driver import ROOT

PAGES = ["ctrack-recorder.8", "ctrack-recorder.conf.5", "ctrack-query.1", "ctrack.5"]

# A value that an option takes, by what its help calls it.
EXAMPLES = {"TIME": "1m", "PID": "1", "NAME": "x", "PORTS": "1", "ADDRESS": "::1", "ID": "1",
            "UNIT": "x", "OUTCOME": "open", "N": "1", "FORM": "iso", "WHEN": "never"}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", ["80", "132"])
def test_man_warns_of_nothing(name, width):
    result = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", FOLDER / name],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True,
        env={**os.environ, "MANWIDTH": width, "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""})
    assert result.stderr.decode() == ""


@pytest.mark.parametrize("name", PAGES)
def test_prose_fits_the_screen(name):
    """Only examples, which must stay as they are typed, may be longer than a line."""
    shown = subprocess.run(["man", "-l", FOLDER / name], stdout=subprocess.PIPE, check=True,
                           env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
    for line in shown.stdout.decode().splitlines():
        assert len(line) <= 80 or re.match(r" {7}(ctrack-query |  FROM |  WHERE )", line), line


def test_every_report_has_a_section():
    assert len(reports()) > 20
    for report in reports():
        assert report["question"] in report_section(report["name"])


@pytest.mark.parametrize("name", report_names())
def test_every_column_and_choice_of_a_report_is_there(name):
    text = report_section(name)
    assert columns(name)
    for column, meaning in columns(name):
        assert is_defined(column, meaning, text), column
    for word, meaning in choices(name):
        assert is_defined(f"--by {word}", meaning, text), word


def test_the_prose_of_a_report_is_there():
    for name in report_names():
        shown = " ".join(report_section(name).split())
        for block in told("help", name).split("\n\n")[1:]:
            if not re.match(r"Also called |--by |column |  ", block):
                assert " ".join(block.split("\n--by")[0].split()) in shown, name


def option_lines():
    """Of each option that reports take: its first name, and what its help calls its value."""
    for line in re.findall(r"^  (-.*)$", told("--help"), re.MULTILINE):
        name, value = re.match(r"(-[\w-]+)\S*(?: (\S+))?", line).groups()
        yield name, value if re.match(r"\S+ \S+(?: \.\.\.)?(?:  |$)", line) else None


@pytest.mark.parametrize("name", report_names())
def test_a_report_takes_the_options_that_its_section_lists(query, name):
    """Each option alone, in a table and in CSV, because some are for one of these only."""
    listed = options_of_report(name)
    assert set(listed) <= {option for option, _ in option_lines()}
    argument = ["1"] if name == "connection" else []
    for option, value in option_lines():
        if value in EXAMPLES or option in ("-w", "-4", "-6", "--utc", "--no-pager"):
            words = [option, EXAMPLES[value]] if value else [option]
            taken = any(query(name, *argument, *words, *form).returncode != 2
                        for form in ([], ["-o", "csv"]))
            assert taken == (option in listed), option


def test_every_option_is_there():
    text = section("ctrack-query.1", "OPTIONS")
    assert len(options(told("--help"))) > 40
    for option in options(told("--help")):
        assert re.search(rf"^ {{7}}(-.*, )?{option}\b", text, re.MULTILINE), option


def test_every_command_is_there():
    assert {"list", "help", "sql", "snapshot", "diff"} <= set(commands())
    for name in commands():
        heading = re.search(rf"^   {name}( .*)?$", page("ctrack-query.1"), re.MULTILINE)[0].strip()
        text = " ".join(section("ctrack-query.1", heading).split())
        assert " ".join(told("help", name).split("\n\n")[0].split(": ", 1)[1].split()) in text


def test_every_field_of_filters_is_there():
    text = section("ctrack-query.1", "FILTERS")
    assert len(fields()) > 30
    for field, meaning in fields():
        assert re.search(rf"^ {{7}}{field}\s+\w+; {re.escape(meaning)}$", text, re.MULTILINE), field


def test_every_unit_is_there():
    text = section("ctrack-query.1", "REPORTS")
    units = {re.sub(r"^hidden ?", "", told_of).split(";")[0].split(" ")[0]
             for name in report_names() for _, told_of in columns(name)} - {"", "as", "host"}
    assert len(units) > 8
    for unit in units:
        assert re.search(rf"^ {{7}}{unit}\s+\S", text, re.MULTILINE), unit


def test_every_variable_of_the_environment_is_there():
    code = "".join((ROOT / "query/render" / name).read_text() for name in ("screen.cpp", "smartcols.cpp"))
    text = section("ctrack-query.1", "ENVIRONMENT")
    variables = set(re.findall(r'"([A-Z_]{2,})"', code)) - {"FRSX"}  # a value of LESS
    assert len(variables) >= 7
    for variable in variables | {"TZ"}:
        assert re.search(rf"^ {{7}}(.*, )?{variable}\b", text, re.MULTILINE), variable


def test_every_exit_code_is_there():
    table = (ROOT / "docs/querying.md").read_text().split("| exit code | meaning |")[1].split("\n\n")[0]
    codes = re.findall(r"^\| (\d+) \|", table, re.MULTILINE)
    assert codes
    for code in codes:
        assert re.search(rf"^ {{7}}{code} ", section("ctrack-query.1", "EXIT STATUS"), re.MULTILINE), code


def test_every_option_of_the_recorder_is_there():
    text = section("ctrack-recorder.8", "OPTIONS")
    assert len(options(told_by_recorder())) > 14
    for option in options(told_by_recorder()):
        assert re.search(rf"^ {{7}}(-.*, )?{option}\b", text, re.MULTILINE), option


def test_every_default_of_the_recorder_is_there():
    """CLI11 writes =DEFAULT in Debian 12, and [DEFAULT] in Debian 13."""
    defaults = re.findall(r"^  (--[\w-]+) .*?[=\[]([^\s\]]+)\]? ?$", told_by_recorder(), re.MULTILINE)
    assert defaults
    for option, default in defaults:
        entry = re.search(rf"^ {{7}}{option}\b.*\n.*$", section("ctrack-recorder.8", "OPTIONS"), re.MULTILINE)
        assert f"[{default}]" in entry[0], option


def test_every_option_of_the_config_file_is_there():
    text = (ROOT / "packaging/ctrack-recorder.conf").read_text()
    settings = re.findall(r"^# (.*)\n#([a-z-]+=.*)$", text, re.MULTILINE)
    assert len(settings) > 10
    listed = section("ctrack-recorder.conf.5", "OPTIONS")
    assert re.findall(r"^ {7}([a-z-]+=\S+)", listed, re.MULTILINE) == [setting for _, setting in settings]
    for last_line, _ in settings:
        assert re.sub(" +", " ", last_line) in listed, last_line


def test_every_variable_that_the_recorder_asks_for_is_there():
    code = "".join(path.read_text() for path in (ROOT / "recorder").rglob("*.cpp"))
    variables = set(re.findall(r'"(SUDO_\w+|JOURNAL_STREAM)"', code))
    assert len(variables) == 3 and re.findall("getenv", code) == ["getenv"] * 2
    for variable in variables:
        assert variable in section("ctrack-recorder.8", "ENVIRONMENT"), variable


def test_every_signal_that_stops_the_recorder_is_there():
    code = (ROOT / "recorder/signals.cpp").read_text()
    signals = set(re.findall(r"SIG\w+", " ".join(re.findall(r"\{(SIG[^}]*SIGTERM[^}]*)\}", code))))
    assert "SIGINT" in signals
    for signal in signals:
        assert signal in section("ctrack-recorder.8", "SIGNALS"), signal


def test_every_table_and_column_of_a_file_is_there():
    rows = json.loads(told("schema", "-o", "json"))
    assert len(rows) > 300
    for row in rows:
        text = section("ctrack.5", row["table_name"])
        if row["column_name"] is None:
            assert row["description"] in text
        else:
            assert is_defined(row["column_name"], row["description"], text), row
