# SPDX-License-Identifier: Apache-2.0
"""Which program an owner ran: after fork(), after exec(), after it has written over its arguments."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys

import pytest
from recording import QUERY, Recording, paused
from servers import free_port, running, short_connection

# The parent accepts and forks a child, which answers with its pid, and goes when it is told to.
FORKING = """
import os, socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection = listener.accept()[0]
    if os.fork() == 0:
        listener.close()
        connection.sendall(str(os.getpid()).encode())
        connection.recv(1)
        {end}
        os._exit(0)
    connection.close()
    os.wait()
"""


@pytest.mark.parametrize("end", ["connection.close()", "pass"], ids=["closes", "exits"])
def test_a_child_that_has_gone_ran_the_program_of_the_server(recording, end):
    port = free_port()
    command = [sys.executable, "-c", FORKING.format(end=end), str(port)]
    with running(command, port) as server:
        with socket.create_connection(("127.0.0.1", port)) as client:
            child = int(client.recv(20))
            with paused(recording):
                client.sendall(b"x")
                assert client.recv(1) == b""  # the child has closed; the server waits for its end
                socket.create_connection(("127.0.0.1", port)).recv(20)
        recording.stop()
    _, (row, _) = recording.ends(port)
    assert (row["pid"], row["pid_source"]) == (child, "closer")
    assert row["exe"] == os.path.realpath(sys.executable)
    assert " ".join(command).startswith(row["cmdline"]) and len(row["cmdline"]) >= 250
    assert recording.value("SELECT parent_pid FROM processes WHERE pid = ?", child) == server.pid


def test_a_child_that_has_executed_another_program_is_not_the_server(recording):
    port = free_port()
    code = FORKING.format(end="os.dup2(connection.fileno(), 0); "
                              "os.execv('/bin/sh', ['sh', '-c', 'exit 0'])")
    with running([sys.executable, "-c", code, str(port)], port):
        with socket.create_connection(("127.0.0.1", port)) as client:
            child = int(client.recv(20))
            with paused(recording):
                client.sendall(b"x")
                assert client.recv(1) == b""
                socket.create_connection(("127.0.0.1", port)).recv(20)
        recording.stop()
    _, (row, _) = recording.ends(port)
    assert (row["pid"], row["comm"], row["pid_source"]) == (child, "sh", "closer")
    assert (row["exe"], row["cmdline"]) == (None, "sh -c exit 0")


SERVED = "os.dup2(connection.fileno(), 0); os.dup2(connection.fileno(), 1); " \
         "os.execv('/bin/sh', ['sh', '-c', 'echo ready; read line'])"


@pytest.mark.parametrize("listens_first", [False, True], ids=["new-server", "older-server"])
def test_a_child_that_serves_by_another_program(tmp_path, listens_first):
    """As inetd's do. It closes the connection by exiting, when it has no memory any more."""
    port = free_port()
    server = running([sys.executable, "-c", FORKING.format(end=SERVED), str(port)], port)
    with contextlib.ExitStack() as stack:
        if listens_first:
            stack.enter_context(server)
        recording = stack.enter_context(Recording(tmp_path / "test.db"))
        if not listens_first:
            stack.enter_context(server)
        with socket.create_connection(("127.0.0.1", port)) as client:
            child = int(client.recv(20))
            client.sendall(b"x")
            assert client.recv(20) == b"ready\n"
            later = short_connection()  # what is in the file now, is younger than the program
            recording.wait_for("SELECT count(*) FROM connections WHERE local_port = ?", later)
            client.sendall(b"end\n")
            assert client.recv(1) == b""
        recording.stop()
    _, (row,) = recording.ends(port)
    assert (row["pid"], row["comm"], row["pid_source"]) == (child, "sh", "closer")
    assert row["exe"] == os.path.realpath("/bin/sh")
    assert row["cmdline"] == "sh -c echo ready; read line"


def test_two_programs_of_one_name_are_two(recording, tmp_path):
    """The process stays the same, and so does the name."""
    programs = []
    for program in ("bash", "curl"):
        (tmp_path / program).mkdir()
        programs.append(shutil.copy(shutil.which(program), tmp_path / program / "twin"))
    first, second = map(str, programs)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        script = (f"exec 3<>/dev/tcp/127.0.0.1/{port}; "
                  f"exec {second} -s http://127.0.0.1:{port}/")
        with subprocess.Popen([first, "-c", script], stderr=subprocess.DEVNULL) as process:
            with paused(recording):
                kept = [listener.accept()[0], listener.accept()[0]]
            recording.wait_for("SELECT count(*) FROM processes WHERE exe = ?", second)
            process.kill()
        for end in kept:
            end.close()
        recording.stop()
    active, _ = recording.ends(port)
    assert [(row["pid"], row["comm"]) for row in active] == [(process.pid, "twin")] * 2
    assert active[0]["exe"] in (None, first)  # it is soon gone, so mostly nobody has looked
    assert active[1]["exe"] == second
    assert [row["cmdline"] for row in active] == [
        f"{first} -c {script}", f"{second} -s http://127.0.0.1:{port}/"]


def undone(stored):
    """What docs/schema.md says."""
    return re.sub(rb"\\x(00|5c|[89a-f][0-9a-f])", lambda code: bytes.fromhex(code[1].decode()),
                  stored.encode())


def test_names_that_are_no_utf8(recording, tmp_path):
    """The kernel keeps 15 bytes of a name, which ends within a letter then."""
    (tmp_path / "дом").mkdir()
    program = tmp_path / "дом" / "программа"  # 18 bytes
    shutil.copy(shutil.which("curl"), program)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        arguments = [os.fsencode(program), b"-s", b"-A", b"\xf6 \\xf6 \\n",
                     b"http://127.0.0.1:%d/" % port]
        with subprocess.Popen(arguments), listener.accept()[0] as server:
            assert server.recv(1000).startswith(b"GET /")
    recording.stop()
    ((row,), _) = recording.ends(port)
    assert row["comm"] == "програм\\xd0"
    assert undone(row["comm"]) == "программа".encode()[:15]
    assert row["cmdline"].endswith(f"-A \\xf6 \\x5cxf6 \\n http://127.0.0.1:{port}/")
    assert undone(row["cmdline"]) == b" ".join(arguments)
    assert row["exe"] in (None, str(program))  # it is soon gone
    for filters in (["comm = 'програм\\xd0'"], ["-c", "програм\\xd0"], ["comm ~ ^програм"]):
        (found,) = recording.report("connections", *filters)
        assert found["comm"] == row["comm"]
    checks = json.loads(subprocess.run([QUERY, "verify", recording.db, "-o", "json"], check=True,
                                       capture_output=True, text=True).stdout)
    assert [check["status"] for check in checks if check["check"] == "texts"] == ["ok"]


# Overwrites its arguments, and what follows them, when it has connected.
RENAMING = """
import ctypes, socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
with open("/proc/self/stat") as stat:
    fields = stat.read().rsplit(")", 1)[1].split()
begin, end = int(fields[45]), int(fields[46])
ctypes.memset(begin, ord("x"), end - begin + 300)
connection.sendall(b"x")
connection.recv(1)
"""


def test_arguments_that_were_written_over_do_not_replace_the_first(recording):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-c", RENAMING, str(port)]
        with contextlib.ExitStack() as stack:
            with paused(recording):  # also when it starts, or the whole arguments may be read then
                process = stack.enter_context(
                    subprocess.Popen(command, env={"ROOM": "y" * 1000}))
                server, _ = listener.accept()
                assert server.recv(1) == b"x"
            recording.wait_for("SELECT count(*) FROM processes WHERE exe IS NOT NULL "
                               "AND pid = ?", process.pid)
            with open(f"/proc/{process.pid}/cmdline", encoding="ascii") as cmdline:
                assert cmdline.read().startswith("x" * 300)
            server.close()
        recording.stop()
    ((row,), _) = recording.ends(port)
    assert row["cmdline"] == " ".join(command)[:256].rstrip()
    assert row["exe"] == os.path.realpath(sys.executable)
