# SPDX-License-Identifier: Apache-2.0
"""snapshot --plain: other programs read all rows of all tables and views of such a file. Run by
hand, as it takes npm, sqlitebrowser and the network: pytest-3 tests/elsewhere"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "golden"))
from query_driver import HERE as GOLDEN, make_file, run_query  # pylint: disable=wrong-import-position

PACKAGES = ["sql.js-old@npm:sql.js@1.5.0", "sql.js@1.17.0", "better-sqlite3@12.11.1",
            "@sqlite.org/sqlite-wasm@3.54.1-build1"]


@pytest.fixture(scope="module", name="files")
def make_files(tmp_path_factory):
    """The same rows in a plain file and in an ordinary one."""
    folder = tmp_path_factory.mktemp("files")
    source, plain = folder / "fixture.db", folder / "plain.db"
    make_file(source, (GOLDEN / "fixture.sql").read_text())
    assert run_query("-r", source, "snapshot", "--plain", "-o", plain).returncode == 0
    return {"ordinary": source, "plain": plain}


@pytest.fixture(scope="module", name="npm")
def install(tmp_path_factory):
    folder = tmp_path_factory.mktemp("npm")
    subprocess.run(["npm", "install", "--silent", "--no-save", *PACKAGES], cwd=folder, check=True)
    return folder


def read_all(npm, package, path):
    return subprocess.run(["node", HERE / "read_all.mjs", package, path], cwd=npm,
                          capture_output=True, check=False)


def rows_of(path):
    """As Python's SQLite reads them, in the form of JSON."""
    db = sqlite3.connect(path)
    names = [name for (name,) in db.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    found = {name: db.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    db.close()
    return json.loads(json.dumps(found))


@pytest.mark.parametrize("package, version", [
    ("sql.js-old", "3.35.0"), ("sql.js", "3."), ("better-sqlite3", "3."),
    ("@sqlite.org/sqlite-wasm", "3.54.1")])
def test_all_is_read_by(files, npm, package, version):
    result = read_all(npm, package, files["plain"])
    assert result.returncode == 0, result.stderr.decode()
    read = json.loads(result.stdout)
    assert read["version"].startswith(version)
    assert read["rows"] == rows_of(files["plain"])
    assert len(read["rows"]["connection_log"]) == 28


def test_an_old_program_needs_the_plain_file(files, npm):
    result = read_all(npm, "sql.js-old", files["ordinary"])
    assert result.returncode != 0 and b"malformed database schema" in result.stderr


def test_db_browser(files, tmp_path):
    """It opens the file, and shows each view to SQL of its own."""
    path, sql = tmp_path / "plain.db", tmp_path / "count.sql"
    shutil.copy(files["plain"], path)
    expected = rows_of(path)
    sql.write_text("CREATE TABLE seen AS " + " UNION ALL ".join(
        f"SELECT '{name}' AS name, count(*) AS rows FROM (SELECT * FROM \"{name}\")"
        for name in expected) + ";")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path)}
    with subprocess.Popen(["sqlitebrowser", path, "-s", sql], env=environment) as browser:
        try:
            deadline = time.time() + 60
            while "seen" not in rows_of(path):
                assert browser.poll() is None and time.time() < deadline
                time.sleep(0.2)
        finally:
            browser.terminate()
    assert dict(rows_of(path)["seen"]) == {name: len(found) for name, found in expected.items()}
