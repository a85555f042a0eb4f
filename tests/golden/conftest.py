# SPDX-License-Identifier: Apache-2.0
"""Drives the real ctrack-query against a file made from schema and fixture.sql.

pytest-3 tests/golden --accept    rewrites tests/golden/expected
"""
import os
import pathlib
import sqlite3
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
QUERY = os.environ.get("CTRACK_QUERY", str(ROOT / "build/query/ctrack-query"))
APPLICATION_ID = 0x6374726B


def pytest_addoption(parser):
    parser.addoption("--accept", action="store_true", help="rewrite the expected outputs")


def make_file(path, content):
    """A ctrack file with the newest schema and the rows of an SQL text."""
    migrations = sorted((ROOT / "schema/migrations").glob("*.sql"))
    db = sqlite3.connect(path)
    for migration in migrations:
        db.executescript(migration.read_text())
    db.executescript(content)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(migrations)}")
    db.commit()
    db.close()


def run_query(*arguments, cwd=None, stdout=subprocess.PIPE):
    environment = {**os.environ, "TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [QUERY, *map(str, arguments)], stdout=stdout, stderr=subprocess.PIPE,
        env=environment, cwd=cwd, timeout=60, check=False)


class Query:
    """ctrack-query on one file. Runs in the file's folder, so that messages name
    it without a path that differs from run to run."""

    def __init__(self, path):
        self.path = path

    def __call__(self, *arguments):
        return run_query("-r", self.path.name, *arguments, cwd=self.path.parent)


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
