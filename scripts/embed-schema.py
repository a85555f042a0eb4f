#!/usr/bin/env python3
"""Turn what .sql files make of an empty database into a C++ source: ctrack::our_objects.

Usage: embed-schema.py OUT.cpp FILE.sql...
The files are run in order, as migrations are. An index that SQLite makes by itself is left out.
"""
import pathlib
import sqlite3
import sys


def made_by(files):
    db = sqlite3.connect(":memory:")
    for file in files:
        db.executescript(pathlib.Path(file).read_text(encoding="utf-8"))
    for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_schema "
                                      "WHERE sql IS NOT NULL ORDER BY rowid").fetchall():
        columns = db.execute("SELECT name, type, pk FROM pragma_table_xinfo(?)", [name]).fetchall()
        yield kind, name, sql, columns if kind != "index" else []


def main():
    out, *files = sys.argv[1:]
    columns_text = objects_text = ""
    begin = 0
    for kind, name, sql, columns in made_by(files):
        assert ')sql"' not in sql, f"{name}: cannot be embedded"
        columns_text += "".join(f'    {{"{column}", "{kind}", {key}}},\n' for column, kind, key in columns)
        objects_text += (f'    {{"{kind}", "{name}", R"sql({sql})sql",\n'
                         f"     all_columns.subspan({begin}, {len(columns)})}},\n")
        begin += len(columns)
    pathlib.Path(out).write_text(
        '#include "schema/objects.h"\n\nnamespace ctrack {\n\n'
        f"static const schema::Column column_array[] = {{\n{columns_text}}};\n"
        "static const std::span<const schema::Column> all_columns{column_array};\n\n"
        f"static const schema::Object object_array[] = {{\n{objects_text}}};\n\n"
        "extern const std::span<const schema::Object> schema_objects;\n"
        "const std::span<const schema::Object> schema_objects{object_array};\n\n"
        "} // namespace ctrack\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
