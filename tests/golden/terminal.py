# SPDX-License-Identifier: Apache-2.0
"""Runs a command whose stdout and stderr are a terminal, and copies what it writes:
terminal.py ROWS COLUMNS COMMAND..."""
import fcntl
import os
import pty
import struct
import sys
import termios


def main():
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", int(sys.argv[1]), int(sys.argv[2]), 0, 0))
        os.environ.setdefault("TERM", "xterm")
        os.execvp(sys.argv[3], sys.argv[3:])
    while True:
        try:
            written = os.read(terminal, 65536)
        except OSError:  # it has ended
            break
        if not written:
            break
        sys.stdout.buffer.write(written)
    sys.stdout.flush()
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
