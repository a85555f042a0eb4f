# SPDX-License-Identifier: Apache-2.0
"""Connections that know what was done on them: many short ones, made by several
processes that log each, and some that last.

As a program: storm.py 127.N LEAST makes connections one after another, both ends in
this process: connect, a byte each way, the client closes first. Says "ready" after the
first and waits for a line; says "half" after half of LEAST; at the end of its stdin it
makes a last lot, LEAST altogether at least, prints its log and waits to be killed. The
server's address changes with each 250, so that no pair of addresses runs out of ports.
"""

import collections
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time

from servers import connected_pair, exchange

SO_COOKIE = 57  # not named by Python
PORTS_OF_A_HOST = 250
LAST_LOT = 1000

# Each process has a network namespace, where the many that end as TIME_WAIT have room:
# beyond that limit a FIN that comes late is answered by a reset.
IN_A_NAMESPACE = ("ip link set lo up && echo 1000000 > /proc/sys/net/ipv4/tcp_max_tw_buckets && "
                  'exec "$@"')

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
    made = [make_one(listener, f"{network}.255.1")]
    print("ready", flush=True)
    sys.stdin.readline()
    last = None
    while last is None or len(made) < last:
        made.append(make_one(listener, f"{network}.{len(made) // PORTS_OF_A_HOST % 255}.1"))
        if len(made) == least // 2:
            print("half", flush=True)
        if last is None and told_to_stop():
            last = max(least, len(made) + LAST_LOT)
    json.dump(made, sys.stdout)
    sys.stdout.flush()
    os.close(1)  # sys.stdout.close() would leave it open
    signal.pause()  # its listener outlives the recording, and tells nothing of its end


class Storm:
    """Blows in several processes from .go() until .finish() gives what they made."""

    def __init__(self, connections, processes=2, go=True):
        self.processes = [
            subprocess.Popen(["unshare", "--net", "sh", "-c", IN_A_NAMESPACE, "sh",
                              sys.executable, __file__, f"127.{number + 1}",
                              str(connections // processes)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for number in range(processes)]
        self._wait_for("ready")
        if go:
            self.go()

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

    def go(self):
        for process in self.processes:
            process.stdin.write("\n")
            process.stdin.flush()

    def wait_until_half(self):
        self._wait_for("half")

    def finish(self):
        """A list of Made for each process, in the order made."""
        logs = []
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            log = process.stdout.read()
            log = log[log.index("["):]  # after words nobody waited for
            logs.append([Made(process.pid, *made) for made in json.loads(log)])
        return logs


class LongLived:
    """Pairs of connected sockets of this process, which can be made to chat."""

    REQUEST, RESPONSE = b"q" * 2, b"r" * 3

    def __init__(self, pairs):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        self.pairs = [connected_pair()[:2] for _ in range(pairs)]
        self.cookies = [tuple(map(cookie, pair)) for pair in self.pairs]
        self.exchanged = [0] * pairs
        self.told_quiet = threading.Event()
        self.chat_thread = None
        for number in range(pairs):
            self.exchange(number)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.be_quiet()
        for pair in self.pairs:
            for sock in pair:
                sock.close()

    def exchange(self, number):
        exchange(*self.pairs[number], self.REQUEST, self.RESPONSE)
        self.exchanged[number] += 1

    def bytes(self, number):
        """(sent, received) of the client."""
        return (len(self.REQUEST) * self.exchanged[number],
                len(self.RESPONSE) * self.exchanged[number])

    def _chat(self):
        while not self.told_quiet.is_set():
            for number in range(0, len(self.pairs), 2):
                self.exchange(number)

    def chat(self):
        """Every other pair, until told to be quiet."""
        self.chat_thread = threading.Thread(target=self._chat)
        self.chat_thread.start()

    def be_quiet(self):
        if self.chat_thread:
            self.told_quiet.set()
            self.chat_thread.join()

    def close_half(self):
        """Every other pair, the client first. Both halves hold some that chatted."""
        for number in range(0, len(self.pairs), 4):
            for client, server in self.pairs[number:number + 2]:
                client.close()
                assert server.recv(1) == b""
                server.close()

    def is_closed(self, number):
        return number % 4 < 2


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
