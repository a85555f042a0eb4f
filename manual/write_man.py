#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write man pages: write_man.py REFERENCE.json CONFIG_FILE TEMPLATE.in... FOLDER

A line @PART@ of a template is replaced by what the function of that name in PARTS makes of the
reference, and @VERSION@ by the version. The config file is the one that is shipped.
"""
import json
import pathlib
import re
import sys

from roff import compact, definition, escaped, from_text, quoted


def option_term(names, value):
    """An option as "-p, --pid PID"."""
    return f"{', '.join(names.split(','))} {value}".strip()


def query_options(reference):
    """Each option, and who takes it."""
    return "".join(definition(option_term(option["names"], option["value"]),
                              option["help"] + taken_by(option))
                   for option in reference["query"]["options"])


def taken_by(option):
    """What stands behind the meaning of an option: the words it takes, and who takes it."""
    is_told = all(word in option["help"] for word in option["words"])
    words = "" if is_told else f"; one of {', '.join(option['words'])}"
    takers = f" ({', '.join(option['takers'].split())})" if option["takers"] else ""
    return words + takers


def commands(reference):
    """The help of each command."""
    return "".join(f".SS {quoted(command['name'] + ' ' + command['arguments'])}\n"
                   + from_text(command["help"].split(": ", 1)[1])
                   for command in reference["query"]["commands"])


def prose(report):
    """The help of a report without the lines that become lists."""
    lines = [line for line in report["help"].split("\n")[1:]
             if not re.match(r"(column \w+|--by \w+): |Also called ", line)]
    return report["question"] + "\n\n" + re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def columns(report):
    """What the help says of each column."""
    found = re.findall(r"^column (\w+): (.*)$", report["help"], re.MULTILINE)
    return compact("".join(definition(*column) for column in found))


def report_text(report):
    """The section of one report."""
    also = f" ({', '.join(report['aliases'])})" if report["aliases"] else ""
    by = "".join(definition(f"--by {word['name']}", word["meaning"]) for word in report["by"])
    return (f".SS {quoted(report['name'] + also)}\n{from_text(prose(report))}"
            f".PP\nOptions: {escaped(' '.join(report['options']))}\n.PP\n{compact(by)}"
            f".PP\nColumns:\n.PP\n{columns(report)}")


def reports(reference):
    """All reports."""
    return "".join(report_text(report) for report in reference["query"]["reports"])


def units(reference):
    """What the units of columns mean."""
    return compact("".join(definition(unit["name"], unit["meaning"])
                           for unit in reference["query"]["units"]))


def explanation(title):
    """What --help says below the options."""
    return lambda reference: from_text(reference["query"]["explanations"][title])


def recorder_option(option):
    """An option of the recorder, with its default."""
    default = f" [{option['default']}]" if option["default"] else ""
    value = re.sub(r"\w+:\{(.*)\}", lambda found: found[1].replace(",", "|"), option["value"])
    return definition(option_term(option["names"], value), option["help"] + default)


def recorder_options(reference):
    """All options of the recorder."""
    return "".join(map(recorder_option, reference["recorder"]["options"]))


def capability(described):
    """What a capability is for, and what is missing without it."""
    until = "kept" if described["is_kept"] else "given up after the start"
    return definition(described["name"], f"{described['use']} ({until}). Without it: {described['cost']}.")


def config_options(reference):
    """What the shipped config file says of each option: a comment, and below it NAME=DEFAULT."""
    found = re.findall(r"((?:^# .*\n)+)^#([a-z-]+=.*)\n", reference["config_file"], re.MULTILINE)
    return "".join(definition(setting, re.sub("^# ", "", comment, flags=re.MULTILINE).strip())
                   for comment, setting in found)


def table(described):
    """A table or view of a file."""
    kind = "view" if described["is_view"] else "table"
    return (f".SS {quoted(described['name'])}\n.PP\n({kind}) {escaped(described['description'])}\n.PP\n"
            + compact("".join(definition(*column) for column in described["columns"])))


PARTS = {
    "QUERY_OPTIONS": query_options,
    "NARROWING": explanation("NARROWING"),
    "TIMES": explanation("TIMES"),
    "EXAMPLES": explanation("EXAMPLES"),
    "FILTER": lambda reference: from_text(reference["query"]["filter"]),
    "COMMANDS": commands,
    "REPORTS": reports,
    "UNITS": units,
    "RECORDER_OPTIONS": recorder_options,
    "CAPABILITIES": lambda reference: "".join(map(capability, reference["recorder"]["capabilities"])),
    "CONFIG_OPTIONS": config_options,
    "TABLES": lambda reference: "".join(map(table, reference["query"]["schema"])),
}


def page(template, reference):
    """The template, filled."""
    text = re.sub(r"^@(\w+)@\n", lambda part: PARTS[part[1]](reference), template, flags=re.MULTILINE)
    return text.replace("@VERSION@", reference["version"])


def main():
    reference_file, config_file, *templates, folder = sys.argv[1:]
    reference = json.loads(pathlib.Path(reference_file).read_text(encoding="utf-8"))
    reference["config_file"] = pathlib.Path(config_file).read_text(encoding="utf-8")
    for template in map(pathlib.Path, templates):
        text = page(template.read_text(encoding="utf-8"), reference)
        (pathlib.Path(folder) / template.stem).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
