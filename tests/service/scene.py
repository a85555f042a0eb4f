# SPDX-License-Identifier: Apache-2.0
"""One small scene that needs each of the recorder's rights, and which parts of it are in a file."""

import contextlib
import socket
import sqlite3
import subprocess
import sys

from namespaces import Namespace
from recording import CAP_BPF, permitted
from service import wait_for

SERVER = "import sys\nconnection = listener.accept()[0]\nsys.stdin.read()"
# Of another user, and alive until its input ends.
CLIENT = ("import socket, sys\n"
          "client = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
          "print('connected', flush=True)\nsys.stdin.read()")
REDIRECT = "table ip ctrack_test { chain c { type nat hook output priority -100; tcp dport 4321 redirect to :%d; }; }"

# What the file must say of it. The last moment of a recording brings all counters.
PARTS = {
    "RTT": "SELECT count(*) FROM rtt_samples",
    "older connections": "SELECT count(*) FROM connections WHERE id IN (SELECT connection_id FROM "
                         "rtt_samples) AND start_kind = 'preexisting' AND netns <> :netns",
    "older connections in other namespaces": "SELECT sum(lost_netns) = 0 FROM batches",
    "owners": "SELECT count(*) FROM connection_log WHERE local_port = :client AND pid > 1",
    "programs of other users": "SELECT count(*) FROM connections c JOIN processes p ON p.id = c.process_id "
                               "WHERE local_port = :client AND p.exe LIKE '/%' AND p.uid > 0",
    "units": "SELECT count(*) FROM cgroups WHERE systemd_unit LIKE '%.service'",
    "errors of connect()": "SELECT count(*) FROM connections WHERE peer_address = '192.0.2.1'",
    "counters": "SELECT count(*) FROM netns_counters WHERE netns <> :netns",
    "counters of other namespaces": "SELECT count(*) FROM netns_counters WHERE netns = :netns",
    "translated addresses": "SELECT count(*) FROM connections WHERE nat_peer_port = :server",
}


class Scene(contextlib.ExitStack):
    """To be entered before the recorder starts."""

    def __enter__(self):
        self.listener = self.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.port = self.listener.getsockname()[1]
        self.namespace = self.enter_context(contextlib.closing(Namespace()))
        self.enter_context(self.namespace.server(("127.0.0.1", 1234), SERVER))
        self.older = [self.enter_context(socket.create_connection(("127.0.0.1", self.port))),
                      self.enter_context(self.namespace.connect(("127.0.0.1", 1234)))]
        subprocess.run(["nft", "-f", "-"], input=REDIRECT % self.port, text=True, check=True)
        self.callback(subprocess.run, ["nft", "delete table ip ctrack_test"], check=True)
        return self

    def play(self, recorder_pid):
        wait_for(lambda: not permitted(recorder_pid) & CAP_BPF)  # the older ones are adopted
        for older in self.older:
            older.sendall(b"q")
        with contextlib.suppress(OSError), socket.create_connection(("192.0.2.1", 9), timeout=1):
            pass
        with socket.create_connection(("127.0.0.1", 4321)):
            pass
        for connect in (socket.create_connection, self.namespace.connect):
            with contextlib.suppress(ConnectionRefusedError):
                connect(("127.0.0.1", 9))  # the kernel's counters tell it
        client = self.enter_context(subprocess.Popen(
            ["runuser", "-u", "nobody", "--", sys.executable, "-c", CLIENT, str(self.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        assert client.stdout.readline() == "connected\n"
        self.client = self.last_accepted()

    def last_accepted(self):
        """The port of the newest connection's other end."""
        self.listener.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while True:
                connection, (_, port) = self.listener.accept()
                self.enter_context(connection)
        return port

    def missing(self, db_path):
        """The parts of which the file has nothing."""
        db = sqlite3.connect(f"file:{db_path}?mode=ro", uri=True)
        known = {"netns": self.namespace.inode, "client": self.client, "server": self.port}
        try:
            return {part for part, sql in PARTS.items() if db.execute(sql, known).fetchone() == (0,)}
        finally:
            db.close()
