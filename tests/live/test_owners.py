# SPDX-License-Identifier: Apache-2.0
"""Whose a connection was, however short its owner lived."""

import os
import subprocess

from servers import curl, free_port


def test_a_short_lived_process_keeps_its_command_line(recording):
    port = free_port()
    pid, _, _ = curl(f"http://127.0.0.1:{port}/secret")
    recording.stop()
    (row,) = recording.rows("SELECT * FROM processes WHERE pid = ?", pid)
    assert row["cmdline"] == f"curl -s -o /dev/null -w %{{json}} http://127.0.0.1:{port}/secret"
    assert (row["parent_pid"], row["uid"]) == (os.getpid(), os.getuid())


def test_a_long_command_line_is_cut_but_there(recording):
    port = free_port()
    words = ["curl", "-s", f"http://127.0.0.1:{port}/" + "x" * 1000]
    subprocess.run(words, check=False)
    recording.stop()
    cmdline = recording.value("SELECT cmdline FROM connection_log WHERE peer_port = ?", port)
    assert len(cmdline) >= 250 and " ".join(words).startswith(cmdline)


def test_a_shell_and_the_program_it_becomes_are_two(recording):
    """The process stays the same, the program does not."""
    port = free_port()
    subprocess.run(["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}; "
                    f"exec curl -s http://127.0.0.1:{port}/"], stderr=subprocess.DEVNULL,
                   check=False)
    recording.stop()
    active, _ = recording.ends(port)
    assert [row["comm"] for row in active] == ["bash", "curl"]
    assert active[0]["pid"] == active[1]["pid"]
    assert active[0]["process_id"] != active[1]["process_id"]
    assert active[1]["cmdline"] == f"curl -s http://127.0.0.1:{port}/"
