# SPDX-License-Identifier: Apache-2.0
"""docs/recipes.md: DuckDB's recipe, with its library in place of its command line. Run by hand, as it
takes npm and the network: pytest-3 tests/elsewhere"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "golden"))
from query_driver import HERE as GOLDEN, make_file  # pylint: disable=wrong-import-position
from recipes import Kitchen, sections  # pylint: disable=wrong-import-position

PACKAGE = "@duckdb/node-api@1.5.6-r.1"


def test_recipe(tmp_path):
    make_file(tmp_path / "fixture.db", (GOLDEN / "fixture.sql").read_text(encoding="utf-8"))
    kitchen = Kitchen(tmp_path, tmp_path / "fixture.db")
    subprocess.run(["npm", "install", "--silent", "--no-save", PACKAGE], cwd=tmp_path, check=True)
    kitchen.add_tool("duckdb", f'exec node "{HERE / "duckdb.mjs"}" "$@"')
    kitchen.check(sections()["DuckDB"])
