# SPDX-License-Identifier: Apache-2.0
"""What the README says can be typed works, and all there is to type is in it."""
import json
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


def test_every_option_is_described():
    usage = run_query("--help").stdout.decode()
    for option in ("-b", "-e", "-n", "-o", "-r"):
        assert f"{option}," in usage and f"`{option}" in README


def test_every_command_is_described():
    usage = run_query("--help").stdout.decode()
    for name in ("snapshot", "merge", "diff", "verify", "export", "schema", "sql"):
        text = run_query("help", name).stdout.decode()
        summary = text.splitlines()[0].removeprefix(f"{name}: ")
        assert run_query(name, "--help").stdout.decode() == text
        assert f"  {name:<12} {summary}\n" in usage
        assert f"| `{name}` | {summary} |" in README


@pytest.mark.parametrize("option", ["--force", "--anonymize", "--before", "--after", "--zeek",
                                    "--ndjson", "--datasette", "--param"])
def test_options_of_commands_are_described(option):
    usage = run_query("--help").stdout.decode()
    (command,) = [line.split(":")[0].split()[-1].rstrip(",") for line in usage.splitlines()
                  if line.startswith(f"  {option} ")]
    assert option in README and option in run_query("help", command).stdout.decode()
