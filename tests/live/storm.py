# SPDX-License-Identifier: Apache-2.0
"""Many short connections from several processes, each of which logs what it did.

As a program: storm.py HOST LEAST makes connections one after another, both ends in
this process: connect, a byte each way, the client closes first. Says "ready" after the
first and "half" after half of LEAST; told by the end of its stdin, it makes a last lot,
LEAST altogether at least, and prints its log. The host changes with each 250 so that
no pair of addresses runs out of ports.
"""

import collections
import json
import select
import socket
import subprocess
import sys
import time

SO_COOKIE = 57  # not named by Python
PORTS_OF_A_HOST = 250
LAST_LOT = 1000

# One connection. The cookies name its two ends in the file; times in ns of CLOCK_BOOTTIME.
Made = collections.namedtuple(
    "Made", "pid host port client_port client_cookie server_cookie begun_ns ended_ns")


def cookie(sock):
    return int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8), sys.byteorder)


def boottime_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def swap_bytes(client, server):
    """One each way."""
    client.sendall(b"q")
    server.recv(1)
    server.sendall(b"r")
    client.recv(1)


def make_one(listener, host):
    """Returns the fields of Made that the parent does not know."""
    begun_ns = boottime_ns()
    with socket.socket() as client:
        client.connect((host, listener.getsockname()[1]))
        server, _ = listener.accept()
        cookies = cookie(client), cookie(server)
        client_port = client.getsockname()[1]
        swap_bytes(client, server)
    assert server.recv(1) == b""
    server.close()
    return host, listener.getsockname()[1], client_port, *cookies, begun_ns, boottime_ns()


def told_to_stop():
    return bool(select.select([sys.stdin], [], [], 0)[0])


def main(network, least):
    listener = socket.create_server(("0.0.0.0", 0))
    made = []
    last = None
    while last is None or len(made) < last:
        made.append(make_one(listener, f"{network}.{len(made) // PORTS_OF_A_HOST % 256}.1"))
        if len(made) in (1, least // 2):
            print("ready" if len(made) == 1 else "half", flush=True)
        if last is None and told_to_stop():
            last = max(least, len(made) + LAST_LOT)
    json.dump(made, sys.stdout)


class Storm:
    """Runs in several processes from its making until .finish() gives what they made."""

    def __init__(self, connections, processes=2):
        self.processes = [
            subprocess.Popen([sys.executable, __file__, f"127.{number + 1}",
                              str(connections // processes)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for number in range(processes)]
        self._wait_for("ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    def _wait_for(self, word):
        for process in self.processes:
            assert process.stdout.readline() == f"{word}\n"

    def wait_until_half(self):
        self._wait_for("half")

    def finish(self):
        """A list of Made for each process, in the order made."""
        logs = []
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            log = process.stdout.read()
            assert process.wait(30) == 0
            log = log[log.index("["):]  # after words nobody waited for
            logs.append([Made(process.pid, *made) for made in json.loads(log)])
        return logs


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
