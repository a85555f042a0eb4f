# SPDX-License-Identifier: Apache-2.0
"""What README.md and docs/ say can be typed works, and all there is to type is in them.

pytest-3 tests/golden/test_docs.py --accept    rewrites the outputs in these pages: read the diff

An output is checked to the byte on the file that all golden tests use. Only what follows a
command with -r FILE is not, because it comes from a recording; the text before it calls it
"real output".
"""
import json
import pathlib
import re
import shlex
import subprocess

import pytest

from query_driver import RECORDER, ROOT, on_terminal, run_query

GUIDE = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [*GUIDE, ROOT / "HACKING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "bench").glob("*.md"))]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def guide():
    return "\n".join(page.read_text(encoding="utf-8") for page in GUIDE)


def blocks():
    """Each block of commands: (page, the text before it, the block)."""
    for page in GUIDE:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```\n(\$ ctrack-query .*?)^```", text, re.M | re.S):
            yield page, text[:match.start()], match[1]


def shown():
    """Each command that is shown, with what it writes: (page, text before, command, output)."""
    for page, before, block in blocks():
        for part in re.split(r"^\$ ctrack-query ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            yield page, before, command, output


def commands():
    """The arguments of each command, without its -r FILE."""
    for _, _, command, _ in shown():
        words = shlex.split(command)
        yield words[2:] if words[0] == "-r" else words


def outputs():
    """What is checked: (page, command, output)."""
    for page, _, command, output in shown():
        if output.strip() and not command.startswith("-r "):
            yield page, command, output


def label(value):
    return value.name if isinstance(value, pathlib.Path) else str(value).split("\n", maxsplit=1)[0][:40]


def test_there_are_commands_and_outputs():
    assert len(list(commands())) > 20
    assert len(list(outputs())) > 10


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words)[:60])
def test_command_works(query, words):
    result = query(*words)
    assert result.returncode == 0, result.stderr
    assert result.stdout


def written(query, page, command):
    """reports.md shows what a terminal of 80 columns gets on stdout and stderr."""
    words = shlex.split(command)
    if page.name != "reports.md":
        return query(*words).stdout.decode()
    return on_terminal(query.path.name, *words, size=(400, 80), cwd=query.path.parent,
                       NO_COLOR="1").stdout.decode().replace("\r", "")


@pytest.mark.parametrize("page, command, output", outputs(), ids=label)
def test_output_is_true(request, query, page, command, output):
    """To the byte, but for the empty line before the next command."""
    actual = written(query, page, command).rstrip("\n")
    if request.config.getoption("--accept"):
        line = f"$ ctrack-query {command}\n"
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace(line + output.rstrip("\n"), line + actual), encoding="utf-8")
    else:
        assert actual == output.rstrip("\n")


def test_an_output_of_a_recording_is_called_so():
    for page, before, command, output in shown():
        if output.strip() and command.startswith("-r "):
            assert "real output" in before[-300:], f"{page.name}: {command}"


def anchors(page):
    """The names that GitHub gives to a page's headings."""
    for heading in re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_link_leads_somewhere(page):
    for link in re.findall(r"\]\(([^)]*)\)", page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_linked_from_the_readme():
    for page in PAGES[1:]:
        folder = page.parent.name if page.parent != ROOT else ""
        if page.name != "README-write.md":  # which bench/README.md links
            assert f"]({folder}{'/' if folder else ''}{page.name})" in read("README.md"), page.name


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_file_named_is_there(page):
    """A name in backticks that begins with one of our folders; it may be a pattern, as NAME is."""
    for name in re.findall(r"`((?:bpf|common|recorder|query|schema|tests|scripts|docs|bench)/[^`\s:]*)`",
                           page.read_text(encoding="utf-8")):
        pattern = re.sub(r"NAME|TABLE|NNNN", "*", name)
        assert list(ROOT.glob(pattern.rstrip("/"))), name


def test_every_word_of_the_glossary_is_used():
    words = re.findall(r"\*\*([^*]+)\*\*", re.search(r"^## Words\n(.*?)^## ", read("HACKING.md"), re.M | re.S)[1])
    assert len(words) > 25
    folders = [ROOT / name for name in ("bpf", "common", "recorder", "query", "schema")]
    code = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*")
                     if path.suffix in (".c", ".h", ".cpp", ".sql"))
    for word in words:
        assert re.search(re.sub(r"[ -]", "[ _-]", word), code, re.I), word


def test_every_report_is_described():
    for report in json.loads(run_query("list", "-o", "json").stdout):
        assert f"| `{report['name']}` | {report['question']}" in read("docs/querying.md")
        assert f"\n$ ctrack-query {report['name']}" in read("docs/reports.md")


def test_every_alias_and_choice_is_described():
    usage = run_query("--help").stdout.decode()
    lines = read("docs/querying.md").splitlines()
    for report in json.loads(run_query("list", "-o", "json").stdout):
        row = next(line for line in lines if line.startswith(f"| `{report['name']}` |"))
        by = re.findall(r"^--by (\S+): \S", run_query("help", report["name"]).stdout.decode(),
                        re.MULTILINE)
        for word in report["aliases"].split() + by:
            assert f"`{word}`" in row
        also = f" [{', '.join(report['aliases'].split())}]" if report["aliases"] else ""
        assert f"  {report['name']:<12} {report['question']}{also}\n" in usage


def test_every_option_is_described():
    usage = run_query("--help").stdout.decode()
    lines = re.findall(r"^  (-\S+)", usage, re.MULTILINE)
    options = [option for line in lines for option in line.split(",")]
    assert len(options) > 30
    for option in options:
        assert re.search(rf"[` ]{option}\b", guide()), option


def test_every_option_of_the_recorder_is_described():
    usage = subprocess.run([RECORDER, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()
    options = [option for line in re.findall(r"^  (-[^\s=:]+)", usage, re.MULTILINE)
               for option in line.split(",")]
    assert len(options) > 14
    for option in options:
        assert f"`{option}" in read("docs/recording.md"), option
    # CLI11 2.1 writes "--db FILE=x", and 2.4 "--db FILE [x]".
    defaults = re.findall(r"^  (--\S+) [^\s=]+(?:=| \[)([^]\s]+)", usage, re.MULTILINE)
    assert len(defaults) > 10
    for option, default in defaults:
        row = next(line for line in read("docs/recording.md").splitlines() if line.startswith(f"| `{option} "))
        assert row.endswith(f"| `{default}` |"), option


def test_prose_of_a_help_is_wrapped():
    names = [report["name"] for report in json.loads(run_query("list", "-o", "json").stdout)]
    for name in [*names, "snapshot", "merge", "diff", "verify", "export", "schema", "sql",
                 "list", "help", "filter"]:
        for line in run_query("help", name).stdout.decode().splitlines():
            assert len(line) <= 100 or line.startswith("column "), f"{name}: {line}"


def test_every_command_is_described():
    usage = run_query("--help").stdout.decode()
    for name in ("snapshot", "merge", "diff", "verify", "export", "schema", "sql"):
        text = run_query("help", name).stdout.decode()
        summary = text.splitlines()[0].removeprefix(f"{name}: ")
        assert run_query(name, "--help").stdout.decode() == text
        assert f"  {name:<12} {summary}\n" in usage
        assert f"| `{name}` | {summary} |" in read("docs/files.md")


def test_every_format_is_described():
    formats = re.search(r"--output FORMAT +(.*) \[table\]", run_query("--help").stdout.decode())[1]
    for name in formats.split(", "):
        assert f"| `{name}` |" in read("docs/querying.md")


@pytest.mark.parametrize("option", ["--force", "--anonymize", "--before", "--after", "--zeek",
                                    "--ndjson", "--datasette", "--param"])
def test_options_of_commands_are_described(option):
    usage = run_query("--help").stdout.decode()
    (command,) = [line.split(":")[0].split()[-1].rstrip(",") for line in usage.splitlines()
                  if line.startswith(f"  {option} ")]
    assert option in guide() and option in run_query("help", command).stdout.decode()


def test_every_field_of_filters_is_described():
    text = run_query("help", "filter").stdout.decode()
    fields = re.search(r"^Fields:\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL)[1]
    for field in re.findall(r"^  (\S+(?: \S+)?)  ", fields, re.MULTILINE):
        assert f"`{field}`" in read("docs/querying.md"), field


def test_every_table_and_view_is_described(query):
    schema = json.loads(query("schema", "-o", "json").stdout)
    names = {row["table_name"] for row in schema}
    assert len(names) > 15
    for name in names:
        assert re.search(rf"^\| .*`{name}`.* \|", read("docs/schema.md"), re.MULTILINE), name
    tables = re.search(r"^## Tables\n(.*?)^## Conventions", read("docs/schema.md"), re.M | re.S)[1]
    for row in re.findall(r"^\| (`.*?) \|", tables, re.MULTILINE):
        assert set(re.findall(r"`(\w+)`", row)) <= names, row


@pytest.mark.parametrize("sql", [
    "SELECT name FROM event_kinds",
    "SELECT DISTINCT outcome FROM connections",
    "SELECT DISTINCT closed_by FROM connections WHERE closed_by NOT NULL",
    "SELECT DISTINCT pid_source FROM connections",
    "SELECT DISTINCT 'lost_' || cause FROM loss_log",
])
def test_every_word_in_the_file_is_described(query, sql):
    for row in json.loads(query("sql", sql, "-o", "json").stdout):
        (word,) = row.values()
        assert f"`{word.removeprefix('lost_')}`" in guide(), word
