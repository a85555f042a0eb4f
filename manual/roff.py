# SPDX-License-Identifier: Apache-2.0
"""Turns the plain text of a help into roff for man(7)."""
import itertools
import re

DEFINITION = re.compile(r"  (\S.*?) {2,}(\S.*)")  # "  TERM   what it means"
CODE = re.compile(r"  (ctrack-query|datasette) ")


def escaped(text):
    """The text as roff shows it; no line of it is taken for a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return re.sub(r"^(?=[.'])", r"\\&", text, flags=re.MULTILINE)


def definition(term, meaning):
    """One entry of a list."""
    return f".TP\n.B {quoted(term)}\n{escaped(meaning)}\n"


def quoted(text):
    """The text as one argument of a macro."""
    return '"' + escaped(text).replace('"', "\\(dq") + '"'


def definitions(lines):
    """A list of terms; a line that is indented further goes on with the meaning above it."""
    entries = []
    for line in lines:
        if found := DEFINITION.fullmatch(line):
            entries.append([found[1], re.sub(" {2,}", "; ", found[2])])
        elif line.startswith("    "):
            entries[-1][1] += " " + line.strip()
        else:
            entries.append([line.strip(), ""])
    return "".join(definition(*entry) for entry in entries)


def indented(lines):
    """What a help sets off: a list, commands, or prose."""
    if DEFINITION.fullmatch(lines[0]):
        return definitions(lines)
    text = "\n".join(line[2:] for line in lines)
    if CODE.match(lines[0]):
        return f".PP\n.EX\n{escaped(text)}\n.EE\n"
    return f".PP\n.RS 2\n{escaped(' '.join(text.split()))}\n.RE\n"


def plain(lines):
    """A paragraph."""
    return ".PP\n" + escaped("\n".join(lines)) + "\n"


def from_text(text):
    """The whole of a help: paragraphs, and lines that are indented by two blanks or more."""
    parts = []
    for block in text.strip("\n").split("\n\n"):
        for is_set_off, lines in itertools.groupby(block.split("\n"), lambda line: line.startswith("  ")):
            parts.append((indented if is_set_off else plain)(list(lines)))
    return "".join(parts)


def compact(entries):
    """A list without space between its entries."""
    return f".PD 0\n{entries}.PD\n" if entries else ""
