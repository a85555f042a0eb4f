# SPDX-License-Identifier: Apache-2.0
"""Whose a connection was, however short its owner lived."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading

from recording import Recording
from servers import (children_of, connected_pair, curl, free_port, listeners_on, running,
                     wait_until)


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


# Each worker says its pid over every connection it accepts and keeps it open.
PREFORKED = """
import os, socket, sys
{make_listener}
for _ in range(3):
    if os.fork() == 0:
        {in_worker}
        kept = []
        while True:
            kept.append(listener.accept()[0])
            kept[-1].sendall(str(os.getpid()).encode())
os.wait()
"""
ONE_LISTENER = "listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))"
EACH_ITS_OWN = ("listener = socket.create_server(('127.0.0.1', int(sys.argv[1])), "
                "reuse_port=True)")


@contextlib.contextmanager
def workers(port, make_listener="", in_worker="pass"):
    code = PREFORKED.format(make_listener=make_listener, in_worker=in_worker)
    with running([sys.executable, "-c", code, str(port)], port) as parent:
        yield parent
        for worker in children_of(parent.pid):
            os.kill(worker, signal.SIGTERM)


def workers_by_client_port(port, connections):
    """Connects until it has met more than one worker: (clients, {local port: pid})."""
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    return clients, {client.getsockname()[1]: int(client.recv(20)) for client in clients}


def owners(recording, port):
    return {row["peer_port"]: (row["pid"], row["pid_source"]) for row in recording.ends(port)[1]}


def test_preforked_workers_own_what_they_accepted_while_it_is_open(recording):
    port = free_port()
    with workers(port, make_listener=ONE_LISTENER) as parent:
        clients, told = workers_by_client_port(port, 30)
        recording.stop()
        assert parent.pid not in told.values()
        for client in clients:
            client.close()
    assert owners(recording, port) == {client: (pid, "accept") for client, pid in told.items()}
    assert {row["outcome"] for row in recording.ends(port)[1]} == {"open"}


def test_workers_with_a_listener_each(recording):
    port = free_port()
    with workers(port, in_worker=EACH_ITS_OWN):
        wait_until(lambda: listeners_on(port) == 3)
        clients, told = workers_by_client_port(port, 30)
        recording.stop()
        for client in clients:
            client.close()
    assert len(set(told.values())) > 1
    assert owners(recording, port) == {client: (pid, "accept") for client, pid in told.items()}


def test_a_worker_whose_connection_the_peer_resets(recording):
    port = free_port()
    with workers(port, make_listener=ONE_LISTENER):
        clients, told = workers_by_client_port(port, 3)
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
        recording.stop()
    assert {row["outcome"] for row in recording.ends(port)[1]} == {"reset"}
    assert owners(recording, port) == {client: (pid, "accept") for client, pid in told.items()}


def test_a_listener_older_than_the_recorder_and_its_workers(tmp_path):
    port = free_port()
    with workers(port, make_listener=ONE_LISTENER), Recording(tmp_path / "a.db") as recording:
        clients, told = workers_by_client_port(port, 5)
        recording.stop()
        for client in clients:
            client.close()
    assert owners(recording, port) == {client: (pid, "accept") for client, pid in told.items()}


def test_threads_are_one_process(recording):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        kept = []
        threads = [threading.Thread(target=lambda: kept.append(listener.accept()[0]))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        clients = [socket.create_connection(listener.getsockname()) for _ in threads]
        for thread in threads:
            thread.join()
        for end in clients + kept:
            end.close()
        recording.stop()
    _, passive = recording.ends(port)
    assert [(row["pid"], row["pid_source"]) for row in passive] == [(os.getpid(), "accept")] * 4
    with open("/proc/self/comm", encoding="utf-8") as comm:
        assert {row["comm"] for row in passive} == {comm.read().strip()}


def test_accept_without_asking_for_the_address(recording):
    """Nothing tells of it until the worker closes; then it is right all the same."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client = socket.create_connection(listener.getsockname())
        worker = os.fork()
        if worker == 0:
            libc_accept = __import__("ctypes").CDLL(None).accept
            os.close(libc_accept(listener.fileno(), None, None))
            os._exit(0)
        os.waitpid(worker, 0)
        client.close()
        recording.stop()
    _, (row,) = recording.ends(port)
    assert (row["pid"], row["pid_source"]) == (worker, "closer")


def test_ends_that_are_passed_on_to_another_process(recording):
    """An accepted one belongs to who closes it, one that connected to who did that."""
    client, server, port = connected_pair()
    ours, theirs = socket.socketpair()
    worker = os.fork()
    if worker == 0:
        client.close()
        server.close()
        ends = [socket.socket(fileno=fd) for fd in socket.recv_fds(theirs, 1, 2)[1]]
        theirs.recv(1)  # nobody else has the ends now
        for end in ends:
            end.close()
        os._exit(0)
    socket.send_fds(ours, [b"x"], [client.fileno(), server.fileno()])
    client.close()
    server.close()
    ours.sendall(b"x")
    os.waitpid(worker, 0)
    recording.stop()
    active, passive = recording.both_ends(port)
    assert (active["pid"], active["pid_source"]) == (os.getpid(), "connect")
    assert (passive["pid"], passive["pid_source"]) == (worker, "closer")


def test_a_recorder_that_closes_last_is_no_owner(recording):
    """While a recorder starts it holds every open file for a moment, so it may be the last to let
    go of a socket. It is known by its name, which a worker takes on here."""
    client, server, port = connected_pair()
    ours, theirs = socket.socketpair()
    worker = os.fork()
    if worker == 0:
        with open("/proc/self/comm", "w", encoding="ascii") as comm:
            comm.write("ctrack-recorder")
        server.close()
        (end,) = socket.recv_fds(theirs, 1, 1)[1]
        theirs.recv(1)  # nobody else has the end now
        socket.socket(fileno=end).close()
        os._exit(0)
    socket.send_fds(ours, [b"x"], [server.fileno()])
    server.close()
    ours.sendall(b"x")
    os.waitpid(worker, 0)
    client.close()
    recording.stop()
    _, passive = recording.both_ends(port)
    assert (passive["pid"], passive["pid_source"]) == (os.getpid(), "accept")


def start_with_pid(pid, command):
    """The kernel is told which pid to give next; another process may be quicker."""
    for _ in range(50):
        with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as last_pid:
            last_pid.write(str(pid - 1))
            last_pid.flush()
            process = subprocess.Popen(command)
        process.wait()
        if process.pid == pid:
            return
    raise AssertionError(f"never got pid {pid}")


def test_a_pid_used_twice_is_two_processes(recording):
    first_port, second_port = free_port(), free_port()
    first = subprocess.Popen(["curl", "-s", f"http://127.0.0.1:{first_port}/"])
    first.wait()
    start_with_pid(first.pid, ["curl", "-s", f"http://127.0.0.1:{second_port}/"])
    recording.stop()
    rows = [recording.ends(first_port)[0][0], recording.ends(second_port)[0][-1]]
    assert [row["pid"] for row in rows] == [first.pid] * 2
    assert [row["cmdline"] for row in rows] == [
        f"curl -s http://127.0.0.1:{port}/" for port in (first_port, second_port)]
    assert rows[0]["process_id"] != rows[1]["process_id"]
