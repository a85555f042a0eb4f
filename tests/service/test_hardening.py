# SPDX-License-Identifier: Apache-2.0
"""What each line of the unit leaves the recorder, and what lines that are not in it would take.
docs/service.md has the same as a table."""
import os
import pathlib
import signal
import subprocess

import pytest

from scene import PARTS, Scene
from service import DB, changed, clean, main_pid, systemctl

NOTHING = set(PARTS)
ENTERED = "older connections in other namespaces"
CAPABILITIES = ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"]


def without(*names):
    kept = " ".join(name for name in CAPABILITIES if name not in names)
    return f"AmbientCapabilities=\nAmbientCapabilities={kept}"


# Lines that the unit has not, and what the file then lacks.
BREAKS = {
    "PrivateUsers=yes": NOTHING,
    "PrivateNetwork=yes": {"translated addresses"},
    "ProcSubset=pid": {"translated addresses"},
    "RestrictNamespaces=yes": {ENTERED},
    "SystemCallFilter=~bpf": NOTHING,
    "RestrictAddressFamilies=~AF_NETLINK": {"translated addresses"},
    # CAP_SYS_ADMIN stands for the older rights that were split from it.
    without("CAP_BPF"): set(),
    without("CAP_PERFMON"): set(),
    without("CAP_BPF", "CAP_SYS_ADMIN"): NOTHING,
    without("CAP_PERFMON", "CAP_SYS_ADMIN"): NOTHING,
    without("CAP_NET_ADMIN"): NOTHING,
    without("CAP_SYS_ADMIN"): {ENTERED},
    without("CAP_SYS_PTRACE"): {ENTERED, "counters of other namespaces", "programs of other users"},
}


def missing_by_hand():
    """What root's own recorder cannot tell of the scene on this machine either."""
    db = pathlib.Path("/run/by-hand.db")
    with Scene() as scene:
        recorder = subprocess.Popen([os.environ["CTRACK_RECORDER"], "--db", str(db)],
                                    stderr=subprocess.PIPE, text=True)
        while "recording " not in recorder.stderr.readline():
            assert recorder.poll() is None
        scene.play(recorder.pid)
        recorder.send_signal(signal.SIGTERM)
        assert recorder.wait() == 0
        return scene.missing(db)


def missing_in_service(*lines):
    with changed(*lines), Scene() as scene:
        clean()
        try:
            if systemctl("start", check=False).returncode != 0:
                return NOTHING
            scene.play(main_pid())
        finally:
            systemctl("stop")
        return scene.missing(DB)


@pytest.fixture(scope="module")
def by_hand():
    return missing_by_hand()


def test_the_service_records_what_root_does(by_hand):
    assert missing_in_service() == by_hand
    print(f"neither records: {sorted(by_hand)}")


@pytest.mark.parametrize("change", BREAKS)
def test_what_a_line_that_is_not_there_would_break(change, by_hand):
    missing = missing_in_service("Restart=no", change)
    print(f"{change.splitlines()[-1]} lacks: {'all' if missing == NOTHING else sorted(missing - by_hand)}")
    assert missing - by_hand == BREAKS[change] - by_hand
