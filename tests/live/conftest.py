# SPDX-License-Identifier: Apache-2.0
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from namespaces import connect_namespaces, namespaces  # noqa: E402
from recording import Recording  # noqa: E402


def cgroup2_root():
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        return next((line.split()[4] for line in mounts if " - cgroup2 " in line), None)


def missing():
    """Why nothing can be recorded here, or None."""
    if os.geteuid() != 0:
        return "needs root"
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        return "the kernel has no BTF"
    if not cgroup2_root():
        return "cgroup2 is not mounted"
    return None


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than ten seconds, mostly of waiting")
    config.addinivalue_line("markers", "storm: loads all CPUs, and so runs beside no other test")
    config.addinivalue_line("markers", "alone: any recorder beside it would change what it tests")


def pytest_collection_modifyitems(items):
    reason = missing()
    for item in items:
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
        elif "CTRACK_EMULATED" in os.environ and item.get_closest_marker("storm"):
            item.add_marker(pytest.mark.skip(reason="too slow where the CPU is emulated"))


@pytest.fixture
def recording(tmp_path):
    with Recording(tmp_path / "test.db") as running:
        yield running


@pytest.fixture
def root_cgroup():
    return cgroup2_root()


NOBODY = 65534


@pytest.fixture
def public_folder():
    """Where a plain user can record. Nobody but root comes through pytest's own folder: each pytest
    that starts closes it again."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="ctrack-test-"))
    os.chown(path, NOBODY, NOBODY)
    yield path
    shutil.rmtree(path)


def remove_cgroup(path):
    """Once the last process that was in it is gone, which takes a moment after its end."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return os.rmdir(path)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextlib.contextmanager
def new_cgroup(name):
    """A cgroup2 directory below the root."""
    path = f"{cgroup2_root()}/{name}"
    os.mkdir(path)
    yield path
    remove_cgroup(path)


@pytest.fixture
def cgroup():
    """A new cgroup2 directory."""
    with new_cgroup(f"ctrack-test-{os.getpid()}") as path:
        yield path


@pytest.fixture
def only_us(cgroup):
    """Options to record nothing but this process and its children: for tests that
    count everything in the file."""
    with open("/proc/self/cgroup", encoding="utf-8") as own:
        before = next(line.strip()[3:] for line in own if line.startswith("0::"))
    move_to(cgroup)
    yield ["--cgroup", cgroup]
    move_to(cgroup2_root() + before)


def move_to(cgroup):
    with open(f"{cgroup}/cgroup.procs", "w", encoding="ascii") as members:
        members.write(str(os.getpid()))


@pytest.fixture
def namespace():
    """A network namespace with loopback."""
    with namespaces(1) as (alone,):
        yield alone


@pytest.fixture
def near_and_far():
    """Two network namespaces joined by a veth pair."""
    with namespaces(2) as (near, far):
        connect_namespaces(near, far)
        yield near, far
