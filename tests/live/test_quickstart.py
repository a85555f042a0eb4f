# SPDX-License-Identifier: Apache-2.0
"""scripts/quickstart in a copy of the sources."""

import os
import shutil
import subprocess

import pytest

from recording import ROOT

SOURCES = ("bpf", "common", "manual", "packaging", "query", "recorder", "schema", "scripts", "tests",
           "meson.build", "meson_options.txt")


@pytest.fixture
def copied(tmp_path):
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.slow
@pytest.mark.skipif("CTRACK_EMULATED" in os.environ, reason="too slow where the CPU is emulated")
def test_a_build_that_fails(copied):
    """It says how long it takes, which step failed, and what the compiler says."""
    for header in copied.glob("*/**/*.h"):  # so that each step of the compiler fails at once
        header.write_text("#error this header is broken\n")
    done = subprocess.run([copied / "scripts" / "quickstart"], capture_output=True, text=True,
                          check=False, timeout=300)
    assert done.returncode == 1
    assert "about 80 seconds of CPU time" in done.stdout
    assert "[1/" in done.stdout and "FAILED: " in done.stdout
    assert "error: #error this header is broken" in done.stdout
    assert done.stderr.splitlines()[-1].startswith("quickstart: cannot build ctrack")
    assert "Recording" not in done.stdout
