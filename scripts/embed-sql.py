#!/usr/bin/env python3
"""Turn .sql files into a C++ source that defines one array of EmbeddedSql.

Usage: embed-sql.py OUT.cpp SYMBOL FILE.sql...
An entry's name is the file's name without its ending. Order is as given.
"""
import pathlib
import sys


def entry(path):
    text = path.read_text(encoding="utf-8")
    assert ')sql"' not in text, f"{path}: cannot be embedded"
    return f'    {{"{path.stem}", R"sql({text})sql"}},\n'


def main():
    out, symbol, *files = sys.argv[1:]
    rows = "".join(entry(pathlib.Path(f)) for f in files)
    pathlib.Path(out).write_text(
        '#include "common/embedded_sql.h"\n\nnamespace ctrack {\n\n'
        f"static const EmbeddedSql {symbol}_files[] = {{\n{rows}}};\n\n"
        f"extern const std::span<const EmbeddedSql> {symbol};\n"
        f"const std::span<const EmbeddedSql> {symbol}{{{symbol}_files}};\n\n"
        "} // namespace ctrack\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
