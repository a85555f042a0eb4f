# SPDX-License-Identifier: Apache-2.0
"""Network namespaces of a test's own, where packets can be dropped, rejected and held."""

import contextlib
import ctypes
import errno
import os
import socket
import subprocess
import sys
import time

import pytest

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def call(name, *arguments):
    """A function of the C library that Python 3.11 does not offer."""
    if getattr(LIBC, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def disconnect(sock):
    """connect() to AF_UNSPEC."""
    call("connect", sock.fileno(), bytes(16), 16)


class Namespace:
    """A new network namespace. `with` it, this thread is inside: the sockets it makes and the
    processes it starts are there, and stay there. It goes with the last of these."""

    def __init__(self):
        self.outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        made_us = time.time_ns() // 1000
        call("unshare", CLONE_NEWNET)
        self.inside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        call("setns", self.outside, CLONE_NEWNET)
        self.inode = os.fstat(self.inside).st_ino
        # In SQL, that a row is of a connection here: a namespace that is gone may have had the
        # same inode, and tests beside this one make some too.
        self.is_here = f"(netns = {self.inode} AND opened_us >= {made_us})"
        self.run("ip", "link", "set", "lo", "up")

    def close(self):
        os.close(self.inside)
        os.close(self.outside)

    def __enter__(self):
        call("setns", self.inside, CLONE_NEWNET)
        return self

    def __exit__(self, *_):
        call("setns", self.outside, CLONE_NEWNET)

    def run(self, *command, text=None):
        """Returns what it printed."""
        with self:
            return subprocess.run(command, input=text, check=True, text=True,
                                  stdout=subprocess.PIPE).stdout

    def sysctl(self, name, value):
        with self, open("/proc/sys/net/" + name, "w", encoding="ascii") as setting:
            setting.write(str(value))

    def nft(self, rule, family="inet", hook="input"):
        """One rule for the packets at a hook, instead of the one before."""
        self.let_through(family)
        self.run("nft", "-f", "-", text=f"table {family} t {{ chain c {{ "
                 f"type filter hook {hook} priority 0; {rule}; }}; }}\n")

    def let_through(self, family="inet"):
        self.run("nft", "-f", "-", text=f"table {family} t {{ }}; delete table {family} t\n")

    def listen(self, host="127.0.0.1", port=0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with self:
            return socket.create_server((host, port), family=family)

    def socket(self, family=socket.AF_INET, protocol=0):
        with self:
            return socket.socket(family, socket.SOCK_STREAM, protocol)

    def connect(self, address):
        with self:
            return socket.create_connection(address)

    def pair(self, host="127.0.0.1"):
        """(client, server), connected."""
        with self.listen(host) as listener:
            return self.connect(listener.getsockname()[:2]), listener.accept()[0]

    @contextlib.contextmanager
    def server(self, address, code="input()"):
        """A process that listens there and then runs the code."""
        family = "socket.AF_INET6" if ":" in address[0] else "socket.AF_INET"
        start = (f"import socket\nlistener = socket.create_server({address!r}, family={family})\n"
                 "print('listening', flush=True)\n")
        with self:
            server = subprocess.Popen([sys.executable, "-c", start + code], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            assert server.stdout.readline() == "listening\n"
            yield server
        finally:
            server.kill()
            server.communicate()


@contextlib.contextmanager
def namespaces(count):
    made = [Namespace() for _ in range(count)]
    try:
        yield made
    finally:
        for namespace in made:
            namespace.close()


ADDRESSES = {"near": ("10.7.0.1", "fd07::1"), "far": ("10.7.0.2", "fd07::2")}
MACS = {"near": "02:00:00:00:00:01", "far": "02:00:00:00:00:02"}


def connect_namespaces(near, far):
    """By a veth pair of the names near and far, with ADDRESSES."""
    near.run("ip", "link", "add", "near", "address", MACS["near"], "type", "veth",
             "peer", "name", "far", "address", MACS["far"],
             "netns", f"/proc/{os.getpid()}/fd/{far.inside}")
    for namespace, link in ((near, "near"), (far, "far")):
        ipv4, ipv6 = ADDRESSES[link]
        namespace.run("ip", "addr", "add", f"{ipv4}/24", "dev", link)
        namespace.run("ip", "addr", "add", f"{ipv6}/64", "dev", link, "nodad")
        namespace.run("ip", "link", "set", link, "up")


def error_of(function, *arguments):
    """What the application is told, as in the column error."""
    with pytest.raises(OSError) as raised:
        function(*arguments)
    return errno.errorcode[raised.value.errno]


def rows_in(recording, *here):
    """The connections of these namespaces in the order opened."""
    any_here = " OR ".join(namespace.is_here for namespace in here)
    return recording.rows(f"SELECT * FROM connection_log WHERE {any_here} ORDER BY opened_us")


def the_row_in(recording, *here):
    rows = rows_in(recording, *here)
    assert len(rows) == 1, rows
    return rows[0]


def all_ends_in(recording, *here):
    """(connecting, accepting), each in the order opened."""
    rows = rows_in(recording, *here)
    return [[row for row in rows if row["direction"] == direction]
            for direction in ("active", "passive")]


def ends_in(recording, *here):
    """Of the one connection there was."""
    active, passive = all_ends_in(recording, *here)
    assert len(active) == len(passive) == 1, (active, passive)
    return active[0], passive[0]


def ending(row):
    return row["outcome"], row["error"], row["closed_by"]


def states(recording, row):
    """The states that a connection went through."""
    return [event["new_state"] for event in recording.rows(
        "SELECT new_state FROM event_log WHERE connection_id = ? AND old_state != new_state "
        "ORDER BY id", row["id"])]


def event_kinds(recording, row):
    return [event["kind"] for event in recording.rows(
        "SELECT kind FROM event_log WHERE connection_id = ? ORDER BY id", row["id"])]
