# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from recording import Recording  # noqa: E402


def missing():
    """Why nothing can be recorded here, or None."""
    if os.geteuid() != 0:
        return "needs root"
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        return "the kernel has no BTF"
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        if not any(" - cgroup2 " in line for line in mounts):
            return "cgroup2 is not mounted"
    return None


def pytest_collection_modifyitems(items):
    reason = missing()
    if reason:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def recording(tmp_path):
    with Recording(tmp_path / "test.db") as running:
        yield running
