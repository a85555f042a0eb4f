# SPDX-License-Identifier: Apache-2.0
"""Where a socket was made: cgroup, container, systemd unit and slice."""

import contextlib
import os
import subprocess

import pytest
from conftest import cgroup2_root
from servers import free_port

ID = "0123456789abcdef" * 4
POD = "kubepods-burstable-pod01234567_89ab_cdef_0123_456789abcdef.slice"


@contextlib.contextmanager
def cgroup_at(path):
    """A real cgroup of this path, below one of our own."""
    top = f"{cgroup2_root()}/ctrack-test-{os.getpid()}"
    os.makedirs(top + path)
    try:
        yield top + path
    finally:
        for folder, _, _ in os.walk(top, topdown=False):
            os.rmdir(folder)


def connect_inside(cgroup, port):
    subprocess.run(["sh", "-c", f"echo $$ > {cgroup}/cgroup.procs; "
                    f"exec curl -s http://127.0.0.1:{port}/"], check=False)


@pytest.mark.parametrize("path, container, unit, systemd_slice", [
    ("/system.slice/nginx.service", None, "nginx.service", "system.slice"),
    ("/user.slice/user-0.slice/session-1.scope", None, "session-1.scope", "user-0.slice"),
    (f"/system.slice/docker-{ID}.scope", ID, f"docker-{ID}.scope", "system.slice"),
    (f"/docker/{ID}", ID, None, None),
    (f"/machine.slice/libpod-{ID}.scope/container", ID, f"libpod-{ID}.scope", "machine.slice"),
    (f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope", ID,
     f"libpod-{ID}.scope", "user.slice"),
    (f"/system.slice/containerd.service/kubepods-besteffort:cri-containerd:{ID}", ID,
     "containerd.service", "system.slice"),
    (f"/kubepods.slice/kubepods-burstable.slice/{POD}/cri-containerd-{ID}.scope", ID,
     f"cri-containerd-{ID}.scope", POD),
    (f"/kubepods.slice/kubepods-burstable.slice/{POD}/crio-{ID}.scope", ID, f"crio-{ID}.scope",
     POD),
    (f"/kubepods/burstable/pod01234567-89ab-cdef-0123-456789abcdef/{ID}", ID, None, None),
], ids=["service", "session", "docker-systemd", "docker-cgroupfs", "podman", "podman-rootless",
        "containerd-cgroupfs", "kubernetes-containerd", "kubernetes-cri-o",
        "kubernetes-cgroupfs"])
def test_place(recording, path, container, unit, systemd_slice):
    port = free_port()
    with cgroup_at(path) as cgroup:
        connect_inside(cgroup, port)
        recording.stop()
    ((row,), _) = recording.ends(port)
    assert row["cgroup_path"] == f"/ctrack-test-{os.getpid()}{path}"
    assert (row["container_id"], row["systemd_unit"], row["systemd_slice"]) == (
        container, unit, systemd_slice)
