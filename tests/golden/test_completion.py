# SPDX-License-Identifier: Apache-2.0
"""Each shell offers all that the programs know, and nothing that they refuse."""
import os
import re
import shutil

import pytest

from manual import (choices, commands, fields, options, options_of_report, report_names, reports, told,
                    told_by_recorder)
from query_driver import run_query
from shells import SHELLS, typed_in_bash


@pytest.fixture(scope="session", params=SHELLS)
def offered(request):
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is missing")
    return SHELLS[request.param]


def in_query(offered, *words, **options_of_call):
    return set(offered("ctrack-query", *words, **options_of_call))


def expected_by(*words):
    """The words that an error message lists."""
    result = run_query(*words)
    assert result.returncode == 2
    return set(re.search(rb"expected (.*)", result.stderr)[1].decode().replace(" or ", ", ").split(", "))


def test_every_report_and_command_is_offered(offered):
    names = {*report_names(), *commands()}
    assert in_query(offered, "") == names
    assert in_query(offered, "-n", "5", "") == names
    assert in_query(offered, "-r", "slowest", "fail") == {"failures"}
    assert in_query(offered, "help", "") == names | {"filter"}


def option_groups():
    """Each option with all its names."""
    return [names.split(",") for names in re.findall(r"^  (-[^\s=:]+)", told("--help"), re.MULTILINE)]


@pytest.mark.parametrize("name", report_names())
def test_exactly_the_options_of_a_report_are_offered(offered, name):
    taken = [*options_of_report(name), "-h"]  # test_man_pages.py tries these
    names = {name for group in option_groups() if group[0] in taken for name in group}
    assert in_query(offered, name, "-") | in_query(offered, name, "--") == names


def header(query, *words):
    """The columns of a report, in CSV."""
    times = ["--times", "epoch_us"] if "--times" in options_of_report(words[0]) else []
    table = query(*words, "-o", "csv", *times)
    if table.returncode == 2:  # with --by it has no times
        table = query(*words, "-o", "csv")
    return set(table.stdout.decode().splitlines()[0].split(","))


@pytest.mark.parametrize("name", report_names())
def test_exactly_the_columns_of_a_report_are_offered(query, offered, name):
    argument = ["1"] if name == "connection" else []
    wanted = header(query, name, *argument)
    assert in_query(offered, name, *argument, "-f", "") == wanted
    (first, *rest) = sorted(wanted)
    assert {f"{first},{column}" for column in rest} <= in_query(offered, name, *argument, "-f", f"{first},")
    if "-s" in options_of_report(name):
        assert in_query(offered, name, "-s", "") >= wanted
        offered_values = {word.removeprefix("--sort=") for word in in_query(offered, name, "--sort=-")}
        assert offered_values == {f"-{column}" for column in wanted}


@pytest.mark.parametrize("name", [name for name in report_names() if choices(name)])
def test_exactly_the_words_of_by_are_offered(query, offered, name):
    words = {word for word, _ in choices(name)}
    assert in_query(offered, name, "--by", "") == words
    for word in words:
        assert in_query(offered, name, "--by", word, "-f", "") == header(query, name, "--by", word)


def test_an_alias_is_as_good_as_the_name(offered):
    for report in reports():
        for alias in report["aliases"].split():
            assert in_query(offered, alias, "-f", "") == in_query(offered, report["name"], "-f", "")


def test_every_field_of_filters_is_offered(offered):
    names = {field.split(" ")[0] for field, _ in fields()}
    assert len(names) > 30
    lone = {"open", "failed", "ipv4", "ipv6"}
    assert in_query(offered, "rtt", "") == names | lone | {"and", "or", "not"}
    assert in_query(offered, "rtt", "port 443 and pe") == {"port 443 and peer"}
    assert {"pid", "local"} <= in_query(offered, "listeners", "")
    assert not {"direction", "peer"} & in_query(offered, "listeners", "")
    assert in_query(offered, "losses", "") == set()
    assert "port" in in_query(offered, "rtt", "local", "")


@pytest.mark.parametrize("field", ["direction", "outcome", "closed_by", "family", "waits_for"])
def test_every_word_of_a_field_is_offered(offered, field):
    words = expected_by("rtt", f"{field} none_of_them")
    assert in_query(offered, "rtt", field, "") >= words
    assert in_query(offered, "rtt", field, "=", "") >= words


@pytest.mark.parametrize("option", ["-o", "--output", "--color", "--times", "--outcome"])
def test_every_word_of_an_option_is_offered(offered, option):
    assert in_query(offered, "failures", option, "") == expected_by("failures", option, "none_of_them")


def test_a_value_may_stand_behind_an_equals_sign(offered):
    assert {word.removeprefix("--color=") for word in in_query(offered, "rtt", "--color=a")} == {"auto", "always"}
    assert {word.removeprefix("--by=") for word in in_query(offered, "failures", "--by=re")} == {"reason"}


def test_a_list_goes_on_behind_its_comma(offered):
    assert in_query(offered, "failures", "--outcome", "refused,t") == {"refused,timeout"}


def test_the_levels_of_anonymizing_are_offered(offered, tmp_path):
    key = tmp_path / "key"
    assert in_query(offered, "snapshot", "--anonymize-level", "") == expected_by(
        "snapshot", "-o", tmp_path / "x", "--anonymize", key, "--anonymize-level", "none_of_them")


def test_every_time_that_is_offered_is_one(query, offered):
    for option in ("-b", "--since", "-e", "--at"):
        assert {"now", "today", "yesterday", "mon"} <= in_query(offered, "connections", option, "")
    for word in in_query(offered, "connections", "-e", ""):
        assert query("connections", "-e", word).returncode == 0, word
    for option in ("-b", "--last", "--interval"):
        lengths = in_query(offered, "rate", option, "10")
        assert {"10s", "10m", "10h"} <= lengths
    for word in lengths:
        assert query("rate", "--last", word).returncode == 0, word


def test_files_are_offered(offered, tmp_path):
    (tmp_path / "one.db").touch()
    for words in (("-r",), ("verify",), ("merge", "x.db"), ("snapshot", "-o"), ("diff",), ("--anonymize",)):
        assert in_query(offered, *words, "on", folder=tmp_path) == {"one.db"}, words
    assert in_query(offered, "sql", ".") == {".tables", ".schema"}


def test_what_the_host_has_is_offered(offered):
    assert in_query(offered, "rtt", "--unit", "ng") == {"nginx.service"}
    assert str(os.getpid()) in in_query(offered, "rtt", "-p", str(os.getpid()))
    assert "https" in in_query(offered, "rtt", "-P", "https")
    assert "localhost" in in_query(offered, "rtt", "--peer", "localh")


def in_recorder(offered, *words, **options_of_call):
    return set(offered("ctrack-recorder", *words, **options_of_call))


def test_every_option_of_the_recorder_is_offered(offered):
    names = set(options(told_by_recorder()))
    assert len(names) > 14
    assert in_recorder(offered, "-") | in_recorder(offered, "--") == names
    assert in_recorder(offered, "--connect-e") == {"--connect-errors"}


def test_every_value_of_an_option_of_the_recorder_is_offered(offered):
    lists = re.findall(r"^  (--[\w-]+) \w+:\{(.*?)\}", told_by_recorder(), re.MULTILINE)
    assert lists
    for option, words in lists:
        assert in_recorder(offered, option, "") == set(words.split(",")), option
    assert in_recorder(offered, "--rtt", "") == {"every", "off"}
    assert {"20M", "20G"} <= in_recorder(offered, "--max-size", "20")
    assert "off" in in_recorder(offered, "--max-size", "o")
    assert {"10s", "10h"} <= in_recorder(offered, "--duration", "10")


def test_files_and_folders_are_offered_by_the_recorder(offered, tmp_path):
    (tmp_path / "one.db").touch()
    (tmp_path / "online").mkdir()
    assert {"one.db"} <= in_recorder(offered, "--db", "one", folder=tmp_path)
    assert {word.rstrip("/") for word in in_recorder(offered, "--cgroup", "on", folder=tmp_path)} == {"online"}


@pytest.mark.parametrize("text, words", [
    ("fail\t", ["failures"]),
    ("failures --by=re\t", ["failures", "--by=reason"]),
    ("-o js\tslowe\t--by han\t", ["-o", "json", "slowest", "--by", "handshake"]),
    ("failures -f comm,outc\t", ["failures", "-f", "comm,outcome"]),
    ("failures direc\tact\t", ["failures", "direction", "active"]),
    ("failures 'port 443 and dire\t", ["failures", "port 443 and direction"]),
])
def test_bash_completes_what_is_typed(text, words):
    assert typed_in_bash(f"ctrack-query {text}")[1:] == words
