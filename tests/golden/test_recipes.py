# SPDX-License-Identifier: Apache-2.0
"""docs/recipes.md: each recipe with the program that it is for. That of DuckDB is in tests/elsewhere.

pytest-3 tests/golden/test_recipes.py --accept    rewrites the outputs in the page: read the diff
"""
import json

import pytest

from recipes import PAGE, Kitchen, commands, sections

HERE = ["pandas", "sqlite-utils", "gnuplot", "Datasette"]


@pytest.fixture(name="kitchen")
def make_kitchen(tmp_path, fixture_path):
    return Kitchen(tmp_path, fixture_path)


def test_all_recipes_are_run():
    assert sorted(sections()) == sorted(HERE + ["DuckDB"])
    assert all(list(commands(text)) for text in sections().values())
    assert PAGE.read_text(encoding="utf-8").count("\n$ ") == sum(
        len(list(commands(text))) for text in sections().values())


@pytest.mark.parametrize("name", HERE)
def test_recipe(request, kitchen, name):
    kitchen.check(sections()[name], accept=request.config.getoption("--accept"))


def test_metadata_describes_each_table_of_this_file(kitchen):
    kitchen.run("ctrack-query -r incident.db schema --datasette > metadata.json")
    metadata = json.loads((kitchen.folder / "metadata.json").read_text(encoding="utf-8"))
    tables = metadata["databases"]["incident"]["tables"]
    names = kitchen.run("sqlite-utils tables incident.db --csv --no-headers").split()
    assert len(names) > 10 and set(names) <= set(tables)
