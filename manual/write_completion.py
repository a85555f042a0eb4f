#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the completion of both programs for one shell:
write_completion.py REFERENCE.json SHELL TEMPLATE QUERY_FILE RECORDER_FILE

@LISTS@ in the template is replaced by what SHELLS makes of the lists of completion.py, and
@PROGRAM@ and @FUNCTION@ by the name of the program, of which the latter is a name for functions.
"""
import json
import pathlib
import sys

from completion import grouped, query_lists, recorder_lists


def bash_lists(lists):
    """Branches of a case, which have words without meanings."""
    return "".join(f"    {'|'.join(keys)}) list=\"{' '.join(word for word, _ in words)}\" ;;\n"
                   for keys, words in grouped(lists))


def zsh_word(word, meaning):
    """A word and its meaning, as _describe splits them."""
    text = f"{word}:{meaning}" if meaning else word
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_lists(lists):
    """Branches of a case, whose words have their meanings."""
    return "".join(f"    {'|'.join(keys)}) list=({' '.join(zsh_word(*word) for word in words)}) ;;\n"
                   for keys, words in grouped(lists))


def fish_text(text):
    """A text in quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_lists(lists):
    """Branches of a switch, which write a line for each word."""
    return "".join(f"        case {' '.join(map(fish_text, keys))}\n            printf '%s\\t%s\\n' "
                   + " ".join(fish_text(text) for word in words for text in word) + "\n"
                   for keys, words in grouped(lists))


def fish_options(program, lists):
    """One command for each option; fish itself completes their names."""
    function = program.replace("-", "_")
    lines = []
    for name, meaning in lists["options"]:
        kind = lists.get(f"kind:{name}")
        value = f"-x -a '(__{function}_offer_value {name} {kind[0][0]})'" if kind else ""
        form = f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
        takes = f"-n '__{function}_takes {name}'" if "names" in lists else ""
        lines.append(f"complete -c {program} -f {form} -d {fish_text(meaning)} {takes} {value}".rstrip() + "\n")
    return "".join(lines)


SHELLS = {"bash": bash_lists, "zsh": zsh_lists, "fish": fish_lists}


def completion(shell, template, program, lists):
    """The template, filled."""
    return (template.replace("@LISTS@\n", SHELLS[shell](lists))
            .replace("@OPTIONS@\n", fish_options(program, lists)).replace("@PROGRAM@", program)
            .replace("@FUNCTION@", program.replace("-", "_")))


def main():
    reference_file, shell, template_file, *targets = sys.argv[1:]
    reference = json.loads(pathlib.Path(reference_file).read_text(encoding="utf-8"))
    template = pathlib.Path(template_file).read_text(encoding="utf-8")
    programs = {"ctrack-query": query_lists(reference["query"]),
                "ctrack-recorder": recorder_lists(reference["recorder"])}
    for target, (program, lists) in zip(targets, programs.items()):
        pathlib.Path(target).write_text(completion(shell, template, program, lists), encoding="utf-8")


if __name__ == "__main__":
    main()
