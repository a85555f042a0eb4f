# SPDX-License-Identifier: Apache-2.0
"""Other BPF programs on the hooks that the recorder uses."""

import contextlib
import os
import socket
import subprocess
import sys

SO_NETNS_COOKIE = 71

SOURCE = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("%s") int other(struct %s) { %s; return 1; }
char LICENSE[] SEC("license") = "GPL";
"""
HOOKS = {"sock_ops": ("sockops", "bpf_sock_ops *skops"),
         "connect4": ("cgroup/connect4", "bpf_sock_addr *address"),
         "connect6": ("cgroup/connect6", "bpf_sock_addr *address"),
         "getpeername4": ("cgroup/getpeername4", "bpf_sock_addr *address")}
ANSWER = "skops->reply = -1"


def clear_callback_flags(namespace):
    """Of the sockets there: what others do is not to be disturbed."""
    with namespace.socket() as probe:
        cookie = int.from_bytes(probe.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8),
                                sys.byteorder)
    return (f"if (bpf_get_netns_cookie(skops) == {cookie}ULL) "
            "bpf_sock_ops_cb_flags_set(skops, 0)")


@contextlib.contextmanager
def another_program(folder, cgroup, *flags, does=ANSWER, hook="sock_ops"):
    """A program that does this in every call. With the flag multi it runs before the
    recorder's if attached before it, else after it."""
    section, context = HOOKS[hook]
    (folder / "other.c").write_text(SOURCE % (section, context, does))
    subprocess.run(["clang", "-O2", "-g", "-target", "bpf", f"-I/usr/include/{os.uname().machine}"
                    "-linux-gnu", "-c", "other.c", "-o", "other.o"], cwd=folder, check=True)
    bpffs = folder / "bpffs"
    bpffs.mkdir()
    subprocess.run(["mount", "-t", "bpf", "none", str(bpffs)], check=True)
    pin = [hook, "pinned", f"{bpffs}/other"]
    try:
        subprocess.run(["bpftool", "prog", "load", "other.o", f"{bpffs}/other", "type",
                        section], cwd=folder, check=True)
        subprocess.run(["bpftool", "cgroup", "attach", cgroup, *pin, *flags], check=True)
        try:
            yield
        finally:
            subprocess.run(["bpftool", "cgroup", "detach", cgroup, *pin], check=True)
    finally:
        subprocess.run(["umount", str(bpffs)], check=True)
