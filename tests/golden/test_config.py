# SPDX-License-Identifier: Apache-2.0
"""The config file that is installed says what --help says: every option, and its default."""
import re
import subprocess

import pytest

from query_driver import RECORDER, ROOT

TEXT = (ROOT / "packaging" / "ctrack-recorder.conf").read_text(encoding="utf-8")
SETTINGS = re.findall(r"^#([a-z-]+)=(.*)$", TEXT, re.M)
USAGE = subprocess.run([RECORDER, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()
# What CLI11 writes: "--db FILE=x" in 2.1, "--db FILE [x]" in 2.4.
OPTIONS = re.findall(r"^  (?:-\w,)?--([a-z-]+)(?:=| [^\s=]+(?:=| \[)|)([^]\s]*)", USAGE, re.M)


def run_with(path, *options):
    return subprocess.run([RECORDER, "--config", path, *options], capture_output=True, text=True, timeout=60)


def is_for_files(name, folder):
    """Whether a config file may have it: then it is the value that is wrong."""
    config = folder / "one.conf"
    config.write_text(f"{name}=?\n")
    done = run_with(config)
    assert done.returncode == 2 and f"{config}:1: " in done.stderr, done
    return "there is no option" not in done.stderr


def test_options_and_defaults(tmp_path):
    assert len(OPTIONS) > 12
    defaults = {name: default or "false" for name, default in OPTIONS if is_for_files(name, tmp_path)}
    assert dict(SETTINGS) == defaults
    assert len(SETTINGS) == len(defaults)
    assert {"help", "version", "config"} <= {name for name, _ in OPTIONS} - set(defaults)


def test_nothing_is_set():
    assert [line for line in TEXT.splitlines() if line and line[0] != "#"] == []


@pytest.mark.parametrize("name, default", SETTINGS)
def test_every_line_is_accepted_alone(tmp_path, name, default):
    config = tmp_path / "one.conf"
    config.write_text(f"{name}={default}\n")
    done = run_with(config, "--cgroup", "/no/such")
    assert done.returncode == 1 and "/no/such" in done.stderr, done


def test_every_line_is_explained():
    for before in re.split(r"^#[a-z-]+=.*$", TEXT, flags=re.M)[:-1]:
        assert re.search(r"^# \w.*\.$", before.rsplit("\n\n", 1)[1], re.M), before
