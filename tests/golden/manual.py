# SPDX-License-Identifier: Apache-2.0
"""What the programs say of themselves, as they say it, and the man pages as man shows them."""
import functools
import json
import os
import pathlib
import re
import subprocess

from query_driver import RECORDER, ROOT, run_query

FOLDER = pathlib.Path(os.environ.get("CTRACK_MANUAL", ROOT / "build/manual")).absolute()


@functools.cache
def told(*words):
    """What ctrack-query writes."""
    result = run_query(*words)
    assert result.returncode == 0, result.stderr
    return result.stdout.decode()


@functools.cache
def told_by_recorder():
    return subprocess.run([RECORDER, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()


def reports():
    """Each report as list tells it: name, aliases, question."""
    return json.loads(told("list", "-o", "json"))


def report_names():
    return [report["name"] for report in reports()]


def commands():
    """The names below "Commands" in --help."""
    block = re.search(r"^Commands.*?:\n(.*?)\n\n", told("--help"), re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"^  (\S+) ", block, re.MULTILINE)


def options(usage):
    """Each name of each option in a help."""
    lines = re.findall(r"^  (-[^\s=:]+)", usage, re.MULTILINE)
    return [option for line in lines for option in line.split(",")]


def columns(report):
    """The columns that the help of a report tells, each with what it says of it."""
    return re.findall(r"^column (\w+): (.*)$", told("help", report), re.MULTILINE)


def choices(report):
    """The words of --by, each with its meaning."""
    return re.findall(r"^--by (\S+): (.*)$", told("help", report), re.MULTILINE)


def fields():
    """The fields of filters, each with its meaning."""
    block = re.search(r"^Fields:\n(.*?)\n\n", told("help", "filter"), re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"^  (\S+(?: \S+)?) {2,}\S+ +(.*)$", block, re.MULTILINE)


@functools.cache
def page(name):
    """A man page as man shows it where no line is too long for the screen."""
    shown = subprocess.run(["man", "-l", FOLDER / name], stdout=subprocess.PIPE, check=True,
                           env={**os.environ, "MANWIDTH": "1000", "LC_ALL": "C.UTF-8"})
    return re.sub(r"(?<=\S) +", " ", shown.stdout.decode())


def section(name, title):
    """What stands below a heading, up to the next one."""
    found = re.search(rf"^( {{0,3}}){re.escape(title)}\n(.*?)(?=^ {{0,3}}\S|\Z)", page(name),
                      re.MULTILINE | re.DOTALL)
    assert found, title
    return found[2]


def report_section(name):
    """The section of a report, whose heading has the other names too."""
    (report,) = [report for report in reports() if report["name"] == name]
    also = f" ({report['aliases'].replace(' ', ', ')})" if report["aliases"] else ""
    return section("ctrack-query.1", name + also)


def options_of_report(name):
    """The short names of the options that the report takes, as its section lists them."""
    return re.search(r"^ +Options: (.*)$", report_section(name), re.MULTILINE)[1].split()


def is_defined(term, meaning, text):
    """Whether a list has the term with that meaning, beside it or in the next line."""
    meaning = re.sub(r" +", " ", meaning)
    return re.search(rf"^ {{7}}{re.escape(term)}\s+{re.escape(meaning)}", text, re.MULTILINE)
