# SPDX-License-Identifier: Apache-2.0
"""Real servers and clients on loopback."""

import array
import contextlib
import fcntl
import json
import os
import socket
import subprocess
import termios
import threading
import time


def free_port(host="127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def listeners_on(port):
    """How many sockets listen there, by the kernel's table: a trial connection would be recorded."""
    listening = f":{port:04X} "
    count = 0
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table, encoding="ascii") as lines:
            count += sum(listening in line and line.split()[3] == "0A" for line in lines)
    return count


def wait_listening(port, process, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while listeners_on(port) == 0:
        assert process.poll() is None and time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)


@contextlib.contextmanager
def running(command, port):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL)
    try:
        wait_listening(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(10)


NGINX_CONFIG = """
user root;
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_max_body_size 100m;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen {listen}; root {folder}; dav_methods PUT; }}
}}
"""


@contextlib.contextmanager
def nginx(folder, listen, port):
    """Serves the folder; yields the process of the master."""
    os.chmod(folder, 0o755)
    config = folder / "nginx.conf"
    config.write_text(NGINX_CONFIG.format(folder=folder, listen=listen))
    with running(["nginx", "-e", f"{folder}/error.log", "-c", str(config)], port) as master:
        wait_until(lambda: len(children_of(master.pid)) == 2)  # it listens before it forks
        yield master


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        return [int(child) for child in children.read().split()]


def curl(*arguments):
    """Returns the process's pid and curl's own account of the transfer."""
    process = subprocess.Popen(["curl", "-s", "-o", "/dev/null", "-w", "%{json}", *arguments],
                               stdout=subprocess.PIPE)
    out, _ = process.communicate(timeout=30)
    return process.pid, json.loads(out), process.returncode


def exchange(client, server, request, response):
    """One request and response over a connected pair of sockets, blocking."""
    client.sendall(request)
    received = b""
    while len(received) < len(request):
        received += server.recv(65536)
    server.sendall(response)
    answer = b""
    while len(answer) < len(response):
        answer += client.recv(65536)


def connected_pair(host="127.0.0.1"):
    """(client, server, port): both ends of a new connection in this process."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        return *pair_from(listener), listener.getsockname()[1]


def short_connection():
    """One that is closed in order as soon as it is there, the client first. Returns its port."""
    client, server, port = connected_pair()
    client.close()
    server.close()
    return port


class Traffic(threading.Thread):
    """Connections one after the other, while it is entered. .made has of each: (port of the client,
    begin, end), in us."""

    def __init__(self):
        super().__init__()
        self.made, self.ending = [], threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()
        self.listener.close()

    def run(self):
        while not self.ending.wait(0.002):
            begin = time.time_ns() // 1000
            with socket.create_connection(("127.0.0.1", self.port)) as client:
                port = client.getsockname()[1]
                self.listener.accept()[0].close()
            self.made.append((port, begin, time.time_ns() // 1000))

    def wait_for_more(self, count):
        wanted = len(self.made) + count
        while len(self.made) < wanted:
            time.sleep(0.01)


def pair_from(listener):
    """(client, server): both ends of a new connection to this listener."""
    client = socket.socket(listener.family)
    client.connect(listener.getsockname()[:2])
    return client, listener.accept()[0]


def receive_all(sock):
    parts = []
    while part := sock.recv(65536):
        parts.append(part)
    return b"".join(parts)


def bytes_waiting(sock):
    """That recv() would return at once."""
    return array.array("i", fcntl.ioctl(sock, termios.FIONREAD, b"\0" * 4))[0]


def wait_until(condition, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "never true"
        time.sleep(0.01)
