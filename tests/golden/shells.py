# SPDX-License-Identifier: Apache-2.0
"""What shells offer, asked of the real shells: offered(*words) of each are the words that may stand
in the place of the last one."""
import fcntl
import os
import pathlib
import pty
import re
import select
import shlex
import struct
import subprocess
import tempfile
import termios
import time

from manual import FOLDER

# A systemctl for shells to ask, with one unit.
FAKES = tempfile.TemporaryDirectory()
SYSTEMCTL = pathlib.Path(FAKES.name) / "systemctl"
SYSTEMCTL.write_text("#!/bin/sh\necho 'nginx.service loaded active running a web server'\n")
SYSTEMCTL.chmod(0o755)
ENVIRONMENT = {"PATH": f"{FAKES.name}:{os.environ['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8"}

# Calls the function as bash does, which gives it the last word without its quote.
BASH = r"""
source "$1/$2"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
"_${1//-/_}" "$1" "${COMP_WORDS[COMP_CWORD]#[\"\']}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
"""


def bash(*words, folder=None):
    """An option with its value, as --by=peer, is three words to bash."""
    parts = [part for word in words
             for part in (re.split("(=)", word) if word.startswith("--") else [word])]
    result = subprocess.run(["bash", "-c", BASH, "bash", FOLDER, *parts], cwd=folder, env=ENVIRONMENT,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    assert result.stderr == b""
    return result.stdout.decode().split("\n")[:-1]


def typed_in_bash(text):
    """What becomes of a line with tabs that somebody types: its words as printf gets them."""
    shell, terminal = pty.openpty()
    environment = {**ENVIRONMENT, "INPUTRC": "/dev/null", "PS1": ""}
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 400, 0, 0))
    with subprocess.Popen(["timeout", "--foreground", "30", "bash", "--norc", "--noprofile", "-i"], stdin=terminal, stdout=terminal,
                          stderr=terminal, env=environment, start_new_session=True):
        os.close(terminal)
        begin_of_line, end_of_line = "\x01", "\x05"
        os.write(shell, f"source {FOLDER}/ctrack-query\n{text}{begin_of_line}printf '[%s]' "
                        f"{end_of_line}\nexit\n".encode())
        output = b""
        try:
            while part := os.read(shell, 65536):
                output += part
        except OSError:  # the shell has ended
            os.close(shell)
    return re.findall(r"\[(.*?)\]", re.findall(r"^\[ctrack-query\].*", output.decode(), re.MULTILINE)[-1])


def line_of(words):
    """The words as somebody types them who is amid the last one."""
    *before, last = words
    return " ".join([*map(shlex.quote, before), "'" + last if " " in last else last])


# Completes what stands in $IN where ^T is typed, and appends what is offered and a dot to $OUT.
ZSH = r"""
fpath=($FOLDER $fpath) LISTMAX=100000
autoload -Uz compinit
compinit -u -D
compadd() {
    local -a hits
    [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] || {
        builtin compadd -A hits "$@"
        (($#hits)) && print -rl -- $IPREFIX${^hits} >>$OUT
    }
    builtin compadd "$@"
}
ask() {
    local -a in=("${(@f)$(<$IN)}")
    cd $in[1]
    BUFFER=$in[2] CURSOR=$#BUFFER
    zle list-choices
    print . >>$OUT
    BUFFER=
}
zle -N ask
bindkey ^T ask
print . >>$OUT
"""


class Zsh:
    """A zsh that is started with the first question, and asked many."""

    def __init__(self):
        self.files = tempfile.TemporaryDirectory()
        self.folder, self.terminal = pathlib.Path(self.files.name), None

    def start(self):
        (self.folder / ".zshrc").write_text(ZSH)
        child, self.terminal = pty.fork()
        if child == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 1000, 200, 0, 0))
            os.execvpe("zsh", ["zsh", "-i"], {
                **ENVIRONMENT, "ZDOTDIR": str(self.folder), "FOLDER": str(FOLDER),
                "IN": str(self.folder / "in"), "OUT": str(self.folder / "out")})
        self.answer()

    def answer(self):
        """What zsh has offered, once it has written the dot."""
        out, end = self.folder / "out", time.monotonic() + 30
        while not (out.exists() and out.read_text().endswith(".\n")):
            assert time.monotonic() < end, "zsh does not answer"
            if select.select([self.terminal], [], [], 0.01)[0]:
                os.read(self.terminal, 65536)
        offered = out.read_text().split("\n")[:-2]
        out.unlink()
        return offered

    def __call__(self, *words, folder="/"):
        if self.terminal is None:
            self.start()
        (self.folder / "in").write_text(f"{folder}\n{line_of(words)}")
        os.write(self.terminal, b"\x14")
        return self.answer()


def fish(*words, folder="/"):
    """A line for each, with a tab and its meaning."""
    result = subprocess.run(["fish", "--no-config", "-c", f"source {FOLDER}/{words[0]}.fish; complete -C $argv[1]",
                             line_of(words)], cwd=folder, env={**ENVIRONMENT, "HOME": FAKES.name},
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    assert result.stderr == b""
    return [line.split("\t")[0] for line in result.stdout.decode().splitlines()]


SHELLS = {"bash": bash, "zsh": Zsh(), "fish": fish}
