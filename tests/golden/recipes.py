# SPDX-License-Identifier: Apache-2.0
"""Reads docs/recipes.md and runs what it says."""
import os
import re
import shutil
import subprocess
import sys

from query_driver import QUERY, ROOT

PAGE = ROOT / "docs/recipes.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


def sections():
    """{heading: its text}, of those that have something to run."""
    parts = re.split(r"^## (.*)\n", PAGE.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def commands(text):
    """Each command of a section with its output: (command, output)."""
    for kind, block in BLOCK.findall(text):
        if kind == "console":
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                yield command, output


def write_programs(text, folder):
    """A block that begins with a comment which names a file is that file."""
    for kind, block in BLOCK.findall(text):
        if kind != "console":
            name = re.match(r"# (\S+)\n", block)[1]
            (folder / name).write_text(block, encoding="utf-8")


class Kitchen:
    """A folder with the file incident.db, in which ctrack-query and python3 are those of the test."""

    def __init__(self, folder, fixture_path):
        self.folder = folder
        shutil.copy(fixture_path, folder / "incident.db")
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.add_tool("ctrack-query", f'exec "{QUERY}" "$@"')
        self.add_tool("python3", f'exec "{sys.executable}" "$@"')

    def add_tool(self, name, script):
        path = self.tools / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(self, command):
        environment = {**os.environ, "TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8",
                       "PATH": f"{self.tools}:{os.environ['PATH']}"}
        result = subprocess.run(["bash", "-c", command], cwd=self.folder, env=environment, timeout=120,
                                capture_output=True, check=False)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout.decode().replace("\r\n", "\n")

    def check(self, text, accept=False):
        """Runs all of a section. Trailing blanks and empty lines around an output do not count."""
        write_programs(text, self.folder)
        for command, expected in commands(text):
            actual = "\n".join(line.rstrip() for line in self.run(command).strip("\n").split("\n")).strip("\n")
            if accept:
                accept_output(command, expected, actual)
            else:
                assert actual == expected.rstrip("\n"), command


def accept_output(command, expected, actual):
    page = PAGE.read_text(encoding="utf-8")
    line = f"$ {command}\n"
    new = actual + "\n" if actual else ""
    PAGE.write_text(page.replace(line + expected, line + new), encoding="utf-8")
