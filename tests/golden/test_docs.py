# SPDX-License-Identifier: Apache-2.0
"""What the README says can be typed works, and all there is to type is in it."""
import json
import re
import shlex

import pytest

from query_driver import ROOT, run_query

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands():
    """The arguments of each ctrack-query line, without its -r FILE."""
    for line in README.splitlines():
        if line.startswith("$ ctrack-query "):
            words = shlex.split(line)[2:]
            if words[0] == "-r":
                words = words[2:]
            yield words


def test_there_are_commands():
    assert len(list(commands())) > 10


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words)[:60])
def test_command_works(query, words):
    result = query(*words)
    assert result.returncode == 0, result.stderr
    assert result.stdout


def test_every_report_is_described(query):
    for report in json.loads(query("list", "-o", "json").stdout):
        assert f"| `{report['name']}` | {report['question']}" in README


def test_every_alias_and_choice_is_described(query):
    usage = run_query("--help").stdout.decode()
    for report in json.loads(query("list", "-o", "json").stdout):
        row = next(line for line in README.splitlines() if line.startswith(f"| `{report['name']}` |"))
        by = re.findall(r"^--by (\S+): \S", run_query("help", report["name"]).stdout.decode(),
                        re.MULTILINE)
        for word in report["aliases"].split() + by:
            assert f"`{word}`" in row
        also = f" [{', '.join(report['aliases'].split())}]" if report["aliases"] else ""
        assert f"  {report['name']:<12} {report['question']}{also}\n" in usage


def outputs():
    """Each command of the README that is shown with what it writes: (arguments, output)."""
    for block in re.findall(r"^```\n(\$ ctrack-query .*?)^```", README, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ctrack-query ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if output.strip() and not command.startswith("-r "):  # that is of scripts/quickstart
                yield command, output


def test_there_are_outputs():
    assert len(list(outputs())) >= 6


@pytest.mark.parametrize("command, output", outputs(), ids=lambda text: text.split("\n")[0][:40])
def test_output_is_true(query, command, output):
    """To the byte, but for the empty line before the next command."""
    assert query(*shlex.split(command)).stdout.decode().rstrip("\n") == output.rstrip("\n")


def test_every_option_is_described():
    usage = run_query("--help").stdout.decode()
    lines = re.findall(r"^  (-\S+)", usage, re.MULTILINE)
    options = [option for line in lines for option in line.split(",")]
    assert len(options) > 30
    for option in options:
        assert re.search(rf"[` ]{option}\b", README), option


def test_every_command_is_described():
    usage = run_query("--help").stdout.decode()
    for name in ("snapshot", "merge", "diff", "verify", "export", "schema", "sql"):
        text = run_query("help", name).stdout.decode()
        summary = text.splitlines()[0].removeprefix(f"{name}: ")
        assert run_query(name, "--help").stdout.decode() == text
        assert f"  {name:<12} {summary}\n" in usage
        assert f"| `{name}` | {summary} |" in README


def test_every_format_is_described():
    formats = re.search(r"--output FORMAT +(.*) \[table\]", run_query("--help").stdout.decode())[1]
    for name in formats.split(", "):
        assert f"`{name}`" in README


@pytest.mark.parametrize("option", ["--force", "--anonymize", "--before", "--after", "--zeek",
                                    "--ndjson", "--datasette", "--param"])
def test_options_of_commands_are_described(option):
    usage = run_query("--help").stdout.decode()
    (command,) = [line.split(":")[0].split()[-1].rstrip(",") for line in usage.splitlines()
                  if line.startswith(f"  {option} ")]
    assert option in README and option in run_query("help", command).stdout.decode()
