#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds each #include against what the folder's meson.build says: "# May include: ...".

The list names folders, "X/*" for all folders below X, and single headers. A folder may always
include its own files; one without a meson.build belongs to the folder above it. Libraries are
known to the folders in LIBRARIES alone. Of the tests only is asked that one header knows Catch2.
Prints one line for each breach.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent
CHECKED = ("common", "manual", "query", "recorder", "schema")
GENERATED = {"version.h": "common/version.h", "ctrack.skel.h": "bpf/ctrack.skel.h"}

# The header of a library begins with the key; who may include it, as in a list of folders.
SQLITE = {"common/sqlite_error.h", "schema", "recorder/store", "recorder/store/*", "query/sql",
          "query/filter", "query/checks", "query/files"}
LIBRARIES = {
    "SQLiteCpp/": SQLITE,
    "sqlite3.h": SQLITE,
    "bpf/": {"recorder/kernel"},
    "CLI/": {"query/cli/parse_options.cpp", "recorder/define_options.cpp", "recorder/option_helps.cpp",
             "recorder/options.cpp"},
    "libmount/": {"recorder/host"},
    "seccomp.h": {"recorder/privileges"},
    "sys/capability.h": {"recorder/privileges"},
    "libsmartcols/": {"query/render"},
    "nettle/": {"query/files"},
    "nlohmann/": {"manual", "query/render", "query/commands"},
    "systemd/": {"recorder/service"},
    "re2/": {"query/files", "query/filter", "query/report", "query/sql", "query/time"},
}


def home_of(folder):
    """The folder whose meson.build answers for this one, or this one where there is none."""
    for place in (folder, *folder.parents):
        if (ROOT / place / "meson.build").exists() and place.parts:
            return place
    return folder


def allowed_in(home):
    """What the line in its meson.build lists; nothing where there is none."""
    try:
        text = (ROOT / home / "meson.build").read_text(encoding="utf-8")
    except FileNotFoundError:
        return set()
    sentence = re.search(r"^# May include: ((?:.*,\n# )*.*)\.$", text, re.MULTILINE)
    return set(re.split(r",(?: |\n# )", sentence[1])) if sentence else set()


def is_in(path, places):
    """Whether a file is one of the places: folders, "X/*" or files."""
    home = home_of(path.parent)
    below = {f"{parent.as_posix()}/*" for parent in home.parents}
    return bool({path.as_posix(), home.as_posix(), *below} & places)


def breach(source, header, is_library):
    """Why this file may not include that header, or None."""
    if is_library:
        places = next((LIBRARIES[name] for name in LIBRARIES if header.startswith(name)), None)
        if places is None or is_in(source, places):
            return None
        return f"<{header}> is for {', '.join(sorted(places))} (LIBRARIES of tests/code/includes.py)"
    home, header = home_of(source.parent), pathlib.Path(GENERATED.get(header, header))
    if home_of(header.parent) == home or is_in(header, allowed_in(home)):
        return None
    return f"{header} is not in the line \"# May include:\" of {home}/meson.build"


def includes_of(path):
    """(line number, header, whether it is in <>)."""
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
        if found := re.match(r'#include ([<"])([^>"]+)', line):
            yield number, found[2], found[1] == "<"


def sources_of(folders):
    return [path.relative_to(ROOT) for folder in folders
            for path in sorted((ROOT / folder).rglob("*")) if path.suffix in (".h", ".cpp")]


def catch_breaches():
    """Debian 13 has Catch2 3, whose headers have other names."""
    return [f"{source}:{number}: <{header}> is for tests/catch.h" for source in sources_of(["tests"])
            for number, header, _ in includes_of(source)
            if header.startswith("catch2/") and source.as_posix() != "tests/catch.h"]


def main():
    sources = sources_of(CHECKED)
    breaches = [f"{source}:{number}: {why}" for source in sources
                for number, header, is_library in includes_of(source)
                if (why := breach(source, header, is_library))] + catch_breaches()
    print("\n".join(breaches) or f"{len(sources)} files include what they may")
    return 1 if breaches or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
