# SPDX-License-Identifier: Apache-2.0
"""Tests of the unit under real systemd. They start and stop the installed service and delete its file.
So scripts/test-service runs them in a system that is thrown away."""
import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "live")]


def pytest_collection_modifyitems(items):
    if not os.path.exists("/etc/ctrack-throw-away"):
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs root, systemd and cgroup2"))
