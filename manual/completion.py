# SPDX-License-Identifier: Apache-2.0
"""What completion offers, for any shell: lists of (word, meaning), each under the names by which a
shell asks for it.

    names              reports and commands; names:all has the aliases too
    options            all options; options:NAME those that the report or command takes
    kind:OPTION        of what kind the value of an option is, as one word; no list if it takes none
    words:OPTION       the words that its value may be
    kind:NAME          what stands behind a report or command: filter, files, topics, tables
    by:NAME            the words of --by
    columns:NAME       of a report; columns:NAME:WORD with --by WORD; columns those of all reports
    fields:NAME        what begins a test in a filter over the report
    values:FIELD       what a filter may have behind the field
    times, lengths, sizes    words for times, and units for numbers
"""
import re

# What a value is, by the name that the help gives to it. Others are free texts.
KINDS = {"FILE": "file", "KEYFILE": "file", "DIR": "folder", "TIME": "time", "LENGTH": "length",
         "T": "length", "SIZE": "size", "WORD": "by", "COLUMN": "sort", "COLUMNS": "columns",
         "FORMAT": "output", "UNIT": "unit", "PORTS": "port", "ADDRESS": "host", "PID": "pid"}
ARGUMENTS = {"[FILTER]": "filter", "FILE...": "files", "[FILE]": "files", "[FILE FILE] [FILTER]": "files",
             "[REPORT | COMMAND | filter]": "topics", "STATEMENT": "tables", "": "nothing"}
LENGTHS = [("us", "microseconds"), ("ms", "milliseconds"), ("s", "seconds"), ("m", "minutes"),
           ("h", "hours"), ("d", "days"), ("w", "weeks")]
SIZES = [("K", "KiB"), ("M", "MiB"), ("G", "GiB")]
OPERATORS = ["in", "not", "="]  # others mean something to a shell


def bare(words):
    """Words without a meaning."""
    return [(word, "") for word in words]


def words_of(option):
    """The words that the value of an option may be. The recorder has them in its help alone."""
    written = [word for word in re.split(r"[^\w]", option["value"].split(":")[-1]) if word.islower()]
    if "default" not in option:
        return option["words"]
    told = re.findall(r"; (\w+): ", option["help"])  # as "; off: no bound"
    default = [option["default"]] if re.fullmatch("[a-z]+", option["default"]) else []
    return list(dict.fromkeys(written + told + default))


def kind_of(option):
    """Of what kind its value is."""
    return KINDS.get(option["value"], "words")


def option_lists(options):
    """The lists of all options, and of each."""
    lists = {"options": [(name, option["help"]) for option in options
                         for name in option["names"].split(",")]}
    for option in options:
        if option["value"]:
            for name in option["names"].split(","):
                lists[f"kind:{name}"] = bare([kind_of(option)])
                lists[f"words:{name}"] = bare(words_of(option))
    return lists


def options_taken(options, is_taken):
    """The names of those that are taken, and of help."""
    return [(name, option["help"]) for option in options
            if is_taken(option) or "--help" in option["names"] for name in option["names"].split(",")]


def field_list(query, report):
    """What begins a test in a filter over a report: nothing if it takes none."""
    if "-p" not in report["options"]:
        return []
    knows_all = "-D" in report["options"]
    first_words = {}
    for field in query["fields"]:
        if knows_all or field["is_of_listeners"]:
            first_words.setdefault(field["name"].split(" ")[0], field["meaning"])
    return list(first_words.items()) + (bare(query["lone_words"]) if knows_all else [])


def meanings(report):
    """{column: what it means}."""
    return dict(re.findall(r"^column (\w+): [^;\n]*(?:; (.*))?$", report["help"], re.MULTILINE))


def report_lists(query, report):
    """The lists of one report, under its name."""
    name, known = report["name"], meanings(report)
    kind = "nothing" if report["needs_argument"] or "-p" not in report["options"] else "filter"
    lists = {f"kind:{name}": bare([kind]),
             f"options:{name}": options_taken(query["options"],
                                              lambda option: option["names"].split(",")[0] in report["options"]),
             f"by:{name}": [(word["name"], word["meaning"]) for word in report["by"]],
             f"fields:{name}": field_list(query, report),
             f"columns:{name}": [(column, known.get(column, "")) for column in report["columns"]]}
    for word in report["by"]:
        lists[f"columns:{name}:{word['name']}"] = [(column, known.get(column, "")) for column in word["columns"]]
    return lists


def command_lists(query, command):
    """The lists of a command; sql and help take the options of reports."""
    name = command["name"]
    takers = {name, "reports"} if name == "sql" else {name}
    every_field = field_list(query, {"options": ["-p", "-D"]})
    return {f"kind:{name}": bare([ARGUMENTS[command["arguments"]]]),
            f"options:{name}": options_taken(query["options"],
                                             lambda option: takers & set(option["takers"].split())),
            f"fields:{name}": every_field if "FILTER" in command["arguments"] else []}


def field_lists(query):
    """What may stand behind each field; of the field "local port" that is the rest of its name."""
    lists = {}
    for field in query["fields"]:
        first, _, rest = field["name"].partition(" ")
        lists.setdefault(f"values:{first}", [])
        lists[f"values:{first}"] += bare([rest] if rest else field["words"] + OPERATORS)
    return lists


def query_lists(query):
    """All lists of ctrack-query."""
    lists = option_lists(query["options"])
    for command in query["commands"]:
        lists |= command_lists(query, command)
    for report in query["reports"]:
        for key, words in report_lists(query, report).items():
            lists |= {re.sub(rf":{report['name']}\b", f":{name}", key, count=1): words
                      for name in [report["name"], *report["aliases"]]}
    names = ([(report["name"], report["question"]) for report in query["reports"]]
             + [(command["name"], command["help"].split("\n")[0].split(": ", 1)[1])
                for command in query["commands"]])
    every_column = {column: "" for report in query["reports"] for column in report["columns"]}
    return lists | field_lists(query) | {
        "names": names,
        "names:all": names + bare(alias for report in query["reports"] for alias in report["aliases"]),
        "topics": names + [("filter", "how to write a filter")],
        "tables": bare([".tables", ".schema"]),
        "columns": bare(every_column),
        "times": bare(query["times"]), "lengths": LENGTHS}


def recorder_lists(recorder):
    """All lists of ctrack-recorder."""
    return option_lists(recorder["options"]) | {"lengths": LENGTHS, "sizes": SIZES}


def grouped(lists):
    """[(keys, words)]: equal lists are one, and empty ones are left out."""
    groups = {}
    for key, words in lists.items():
        if words:
            groups.setdefault(tuple(words), []).append(key)
    return [(keys, list(words)) for words, keys in groups.items()]
