# SPDX-License-Identifier: Apache-2.0
"""What shells offer, asked of the real shells: offered(*words) of each are the words that may stand
in the place of the last one."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from manual import FOLDER

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
    result = subprocess.run(["bash", "-c", BASH, "bash", FOLDER, *parts], cwd=folder,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    assert result.stderr == b""
    return result.stdout.decode().split("\n")[:-1]


def typed_in_bash(text):
    """What becomes of a line with tabs that somebody types: its words as printf gets them."""
    shell, terminal = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "INPUTRC": "/dev/null", "PS1": "", "LC_ALL": "C.UTF-8"}
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


SHELLS = {"bash": bash}
