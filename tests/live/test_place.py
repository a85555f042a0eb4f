# SPDX-License-Identifier: Apache-2.0
"""Where a connection's owner was, and where its socket was made: cgroup, container and unit."""

import contextlib
import json
import os
import socket
import subprocess
import sys

import pytest
from conftest import cgroup2_root, move_to, remove_cgroup
from recording import QUERY, Recording
from servers import free_port

# One after the other, because they share the cgroups on the way to theirs.
pytestmark = pytest.mark.xdist_group("place")

ME = f"ctrack-test-{os.getpid()}"
USER = "/user.slice/user-4242.slice/user@4242.service"
ID = "0123456789abcdef" * 4
OTHER_ID = "fedcba9876543210" * 4
POD = "kubepods-burstable-pod01234567_89ab_cdef_0123_456789abcdef.slice"


@contextlib.contextmanager
def cgroup_at(path):
    """A real cgroup of this path. Those on the way to it that are not there are made too."""
    made, folder = [], cgroup2_root()
    try:
        for name in path.strip("/").split("/"):
            folder += "/" + name
            if not os.path.isdir(folder):
                os.mkdir(folder)
                made.append(folder)
        yield folder
    finally:
        for folder in reversed(made):
            remove_cgroup(folder)


@contextlib.contextmanager
def being_in(cgroup):
    """This process is there meanwhile."""
    with open("/proc/self/cgroup", encoding="utf-8") as own:
        before = next(line.strip()[3:] for line in own if line.startswith("0::"))
    move_to(cgroup)
    try:
        yield
    finally:
        move_to(cgroup2_root() + before)


def connect_inside(cgroup, port):
    subprocess.run(["sh", "-c", f"echo $$ > {cgroup}/cgroup.procs; "
                    f"exec curl -s http://127.0.0.1:{port}/"], check=False)


@pytest.mark.parametrize("path, container, unit, systemd_slice, user_unit", [
    (f"/system.slice/{ME}.service", None, f"{ME}.service", "system.slice", None),
    (f"/system.slice/{ME}.socket", None, f"{ME}.socket", "system.slice", None),
    (f"/system.slice/_cpu.{ME}.service", None, f"cpu.{ME}.service", "system.slice", None),
    ("/user.slice/user-4242.slice/session-1.scope", None, "session-1.scope", "user-4242.slice",
     None),
    (f"/system.slice/docker-{ID}.scope", ID, f"docker-{ID}.scope", "system.slice", None),
    (f"/docker/{ID}", ID, None, None, None),
    (f"/machine.slice/libpod-{ID}.scope/container", ID, f"libpod-{ID}.scope", "machine.slice",
     None),
    (f"/system.slice/containerd.service/kubepods-besteffort:cri-containerd:{ID}", ID,
     "containerd.service", "system.slice", None),
    (f"/kubepods.slice/kubepods-burstable.slice/{POD}/cri-containerd-{ID}.scope", ID,
     f"cri-containerd-{ID}.scope", POD, None),
    (f"/kubepods.slice/kubepods-burstable.slice/{POD}/crio-{ID}.scope", ID, f"crio-{ID}.scope",
     POD, None),
    (f"/kubepods/burstable/pod01234567-89ab-cdef-0123-456789abcdef/{ID}", ID, None, None, None),
    (f"{USER}/app.slice/nginx.service", None, "user@4242.service", "user-4242.slice",
     "nginx.service"),
    (f"{USER}/user.slice/libpod-{ID}.scope", None, "user@4242.service", "user-4242.slice",
     f"libpod-{ID}.scope"),
    (f"/docker/{ID}/system.slice/docker-{OTHER_ID}.scope", ID, None, None, None),
    (f"/system.slice/{ME}.service/system.slice/nginx.service", None, f"{ME}.service",
     "system.slice", None),
    (f"/{ME}/system.slice/nginx.service", None, None, None, None),
], ids=["service", "socket", "escaped", "session", "docker-systemd", "docker-cgroupfs", "podman",
        "containerd-cgroupfs", "kubernetes-containerd", "kubernetes-cri-o", "kubernetes-cgroupfs",
        "of-a-user", "podman-rootless", "made-in-a-container", "made-in-a-service", "anywhere"])
def test_place(recording, path, container, unit, systemd_slice, user_unit):
    port = free_port()
    with cgroup_at(path) as cgroup:
        connect_inside(cgroup, port)
        recording.stop()
    ((row,), _) = recording.ends(port)
    assert row["cgroup_path"] == row["socket_cgroup_path"] == path
    assert (row["container_id"], row["systemd_unit"], row["systemd_slice"],
            row["systemd_user_unit"]) == (container, unit, systemd_slice, user_unit)


# Goes into the cgroup that it is told, and then answers what it accepts from the listener.
ACTIVATED = """
import os, socket, sys
with open(sys.argv[1] + "/cgroup.procs", "w") as members:
    members.write(str(os.getpid()))
listener = socket.socket(fileno=int(sys.argv[2]))
while True:
    with listener.accept()[0] as connection:
        connection.sendall(b"x")
"""


def unit_connections(recording, *options):
    answer = subprocess.run([QUERY, "-r", recording.db, "connections", "-o", "json", *options],
                            capture_output=True, check=True)
    return len(json.loads(answer.stdout))


def test_a_service_that_accepts_from_a_socket_that_systemd_has_made(recording):
    with (cgroup_at(f"/system.slice/{ME}.socket") as unit,
          cgroup_at(f"/system.slice/{ME}.service") as service):
        with being_in(unit):
            listener = socket.create_server(("127.0.0.1", 0))
        with listener:
            port = listener.getsockname()[1]
            server = subprocess.Popen(
                [sys.executable, "-c", ACTIVATED, service, str(listener.fileno())],
                pass_fds=[listener.fileno()])
            try:
                with socket.create_connection(("127.0.0.1", port)) as client:
                    assert client.recv(1) == b"x"
            finally:
                server.kill()
                server.wait()
        recording.stop()
    _, (row,) = recording.ends(port)
    assert (row["pid"], row["systemd_unit"]) == (server.pid, f"{ME}.service")
    assert row["cgroup_path"] == f"/system.slice/{ME}.service"
    assert row["socket_cgroup_path"] == f"/system.slice/{ME}.socket"
    assert recording.value("SELECT systemd_unit FROM listener_log WHERE local_port = ?",
                           port) == f"{ME}.socket"
    assert unit_connections(recording, "--unit", ME) == 1
    assert unit_connections(recording, "--unit", f"{ME}.socket") == 0
    assert unit_connections(recording, "socket_cgroup", "~", f"{ME}.socket") == 1


def test_what_nobody_has_accepted_is_where_the_socket_was_made(recording):
    with cgroup_at(f"/system.slice/{ME}.socket") as unit:
        with being_in(unit):
            listener = socket.create_server(("127.0.0.1", 0))
        with listener:
            port = listener.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)):
                recording.stop()
    _, (row,) = recording.ends(port)
    assert (row["pid_source"], row["systemd_unit"]) == ("listener", f"{ME}.socket")


def test_a_process_that_connects_from_elsewhere(recording):
    port = free_port()
    with cgroup_at(f"/{ME}/made") as made, cgroup_at(f"/{ME}-2/connects") as connects:
        with being_in(made):
            client = socket.socket()
        with being_in(connects), client:
            client.connect_ex(("127.0.0.1", port))
        recording.stop()
    ((row,), _) = recording.ends(port)
    assert row["cgroup_path"] == f"/{ME}-2/connects"
    assert row["socket_cgroup_path"] == f"/{ME}/made"


def test_a_listener_of_a_cgroup_that_was_removed(tmp_path):
    """Sockets that are accepted from it have the number of a cgroup that nobody can look up."""
    with cgroup_at(f"/{ME}") as removed, being_in(removed):
        listener = socket.create_server(("127.0.0.1", 0))
    with listener, cgroup_at(f"/system.slice/{ME}.service") as service, being_in(service):
        port = listener.getsockname()[1]
        with Recording(tmp_path / "test.db") as recording:
            with socket.create_connection(("127.0.0.1", port)), listener.accept()[0]:
                recording.stop()
    active, passive = recording.both_ends(port)
    assert active["systemd_unit"] == passive["systemd_unit"] == f"{ME}.service"
    assert passive["socket_cgroup_path"] is None


def test_a_recorder_in_a_container_sees_the_cgroups_of_the_host(tmp_path, cgroup):
    # As containers have it: what is mounted as the root of cgroup2 is their own part of it.
    own = tmp_path / "own"
    own.mkdir()
    command = ["sh", "-ec", f"echo $$ > {cgroup}/cgroup.procs; exec unshare --cgroup --mount sh -ec "
               f"'mount -t cgroup2 none {own}; exec \"$@\"' - \"$@\"", "-"]
    port = free_port()
    with Recording(tmp_path / "test.db", command=command) as recording:
        with cgroup_at(f"/{ME}.slice/{ME}.service") as outside:
            connect_inside(outside, port)
            recording.wait_for("SELECT count(*) FROM connections WHERE peer_port = ?", port)
        recording.stop()
    assert recording.rows("SELECT cgroup_path FROM connection_log WHERE peer_port = ?", port) == [
        {"cgroup_path": f"/{ME}.slice/{ME}.service"}]
