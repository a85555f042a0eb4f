# SPDX-License-Identifier: Apache-2.0
"""The fixture file, and the comparison with expected/.

pytest-3 tests/golden --accept    rewrites tests/golden/expected: read the diff
"""
import signal

import pytest

from query_driver import HERE, SANITIZED, Query, make_file

# What is made of --help is the same in every build, and these ask a thousand times.
collect_ignore = ["test_completion.py", "test_man_pages.py"] if SANITIZED else []


def pytest_configure():
    """Under nohup, or in a shell's background, some are ignored, by what we start too."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def pytest_addoption(parser):
    parser.addoption("--accept", action="store_true", help="rewrite the expected outputs")


@pytest.fixture(scope="session")
def fixture_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("golden") / "fixture.db"
    make_file(path, (HERE / "fixture.sql").read_text())
    return path


@pytest.fixture(scope="session")
def query(fixture_path):
    return Query(fixture_path)


@pytest.fixture
def new_file(tmp_path):
    """Makes a file of its own for a test that changes it."""
    def make(content=""):
        path = tmp_path / "own.db"
        make_file(path, content)
        return path
    return make


@pytest.fixture
def expect(request):
    """Compares bytes with a file in expected/, or accepts them as the new ones."""
    def compare(name, actual):
        path = HERE / "expected" / name
        if request.config.getoption("--accept"):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(actual)
        assert path.exists(), f"{path} is missing; read what --accept writes"
        assert actual.decode() == path.read_bytes().decode()
    return compare
