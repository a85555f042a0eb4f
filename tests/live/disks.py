# SPDX-License-Identifier: Apache-2.0
"""File systems of a test's own that fill up or fail."""

import contextlib
import os
import subprocess

import pytest


def has_ext4():
    with open("/proc/filesystems", encoding="ascii") as known:
        return os.path.exists("/dev/loop-control") and "\text4\n" in known.read()


needs_ext4 = pytest.mark.skipif(not has_ext4(), reason="needs ext4 and a loop device")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextlib.contextmanager
def tmpfs(folder, size):
    """Mounted on the folder."""
    folder.mkdir()
    run("mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder))
    try:
        yield folder
    finally:
        run("umount", "-l", str(folder))


@contextlib.contextmanager
def mounted(image, folder):
    """A file with an ext4 file system. Yields the name of its loop device."""
    device = run("losetup", "--find", "--show", image)
    try:
        run("mount", "-o", "errors=remount-ro", device, str(folder))
        try:
            yield os.path.basename(device)
        finally:
            run("umount", str(folder))
    finally:
        run("losetup", "--detach", device)


def ext4(folder, size):
    """Likewise a new one, in FOLDER.image."""
    folder.mkdir()
    run("truncate", "-s", size, f"{folder}.image")
    run("mkfs.ext4", "-q", f"{folder}.image")
    return mounted(f"{folder}.image", folder)


def fill(folder):
    """Leaves no room. Returns the file that takes it."""
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as out:
        with contextlib.suppress(OSError):
            while True:
                out.write(bytes(1 << 16))
        with contextlib.suppress(OSError):
            while True:
                out.write(bytes(512))
    return ballast
