# SPDX-License-Identifier: Apache-2.0
"""What the recorder may do once it records: no more than docs/service.md says."""

import contextlib
import os
import pathlib
import re
import subprocess

import pytest

from conftest import NOBODY
from recording import RECORDER, ROOT, Recording, wait_until_settled
from servers import short_connection, wait_until

BITS = {"CAP_DAC_OVERRIDE": 1, "CAP_NET_ADMIN": 12, "CAP_SYS_PTRACE": 19, "CAP_SYS_ADMIN": 21,
        "CAP_PERFMON": 38, "CAP_BPF": 39}


def documented():
    """The table of docs/service.md: capability -> until when it is kept."""
    text = (ROOT / "docs/service.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `(CAP_\w+)` \| (\w+) \|", text, re.MULTILINE))


FOR_START = {name for name, until in documented().items() if until in ("start", "always")}
FOR_LIFE = {name for name, until in documented().items() if until == "always"}


def status(task):
    """The lines of /proc/PID/task/TID/status."""
    lines = (task / "status").read_text(encoding="utf-8").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def names(mask):
    bits = int(mask, 16)
    return {name for name, bit in BITS.items() if bits >> bit & 1} | (
        {"others"} if bits & ~sum(1 << bit for bit in BITS.values()) else set())


def threads(recording):
    """(that of the loop, the others)"""
    pid = recording.process.pid
    tasks = {task.name: status(task) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}
    return tasks.pop(str(pid)), list(tasks.values())


def sets(thread):
    return {name: names(thread[name]) for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")}


def only(permitted):
    return {"CapPrm": permitted, "CapEff": permitted, "CapInh": set(), "CapAmb": set()}


def filters_calls():
    """A build with sanitizers does not (recorder/privileges/system_calls.h)."""
    with open(RECORDER, "rb") as program:
        return b"__asan_init" not in program.read()


def test_all_threads_keep_what_is_documented_and_gain_nothing(tmp_path):
    """Also the thread that is there if systemd watches."""
    with Recording(tmp_path / "a.db", command=("env", "WATCHDOG_USEC=30000000",
                                               f"NOTIFY_SOCKET={tmp_path}/nobody")) as recording:
        wait_until_settled(recording)
        # What is done last, for all threads at once.
        wait_until(lambda: threads(recording)[0]["Seccomp"] == ("2" if filters_calls() else "0"))
        loop, others = threads(recording)
        assert sets(loop) == only(FOR_LIFE) and names(loop["CapBnd"]) == FOR_LIFE
        assert len(others) == 2 and all(sets(thread) == only(set()) for thread in others)
        for thread in (loop, *others):
            assert thread["NoNewPrivs"] == "1"
            assert thread["Seccomp"] == ("2" if filters_calls() else "0")
        short_connection()
        recording.stop()


def test_entering_namespaces_always_takes_one_more(tmp_path):
    with Recording(tmp_path / "a.db", "--namespaces", "always") as recording:
        wait_until_settled(recording)
        assert sets(threads(recording)[0]) == only(FOR_LIFE | {"CAP_SYS_ADMIN"})


def test_root_records_into_the_folder_of_who_called_sudo(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    os.chown(folder, NOBODY, NOBODY)
    with Recording(folder / "a.db", messages=tmp_path / "messages",
                   command=("env", f"SUDO_UID={NOBODY}")) as recording:
        wait_until_settled(recording)
        assert sets(threads(recording)[0]) == only(FOR_LIFE | {"CAP_DAC_OVERRIDE"})
        recording.stop()
    assert os.listdir(folder) == ["a.db"]


def as_nobody(capabilities):
    """The command that runs another as a plain user with these capabilities and no others."""
    listed = ",".join("+" + name[4:].lower() for name in sorted(capabilities))
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs",
            f"--bounding-set=-all,{listed}", f"--inh-caps=-all,{listed}",
            f"--ambient-caps=-all,{listed}")


COLUMNS = """direction, pid, comm, exe, cmdline, uid, pid_source, local_address, local_port, peer_address,
    peer_port, outcome, error, closed_by, start_kind, rtt_samples, bytes_sent, bytes_received, netns,
    cgroup_path, socket_cgroup_path"""


def all_told(recording, namespace):
    rows = recording.rows(f"SELECT {COLUMNS} FROM connection_log WHERE netns = {namespace.inode} "
                          "ORDER BY cookie, generation")
    losses = recording.value("SELECT sum(lost_netns) FROM batches")
    (how,) = recording.rows("SELECT adoption, connect_errors, rtt_source FROM recordings")
    return rows, losses, how


def test_a_plain_user_with_the_capabilities_records_what_root_does(tmp_path, public_folder,
                                                                   namespace, only_us):
    """Connections of another user in another network namespace, one of them older."""
    with contextlib.ExitStack() as stack:
        older = stack.enter_context(namespace.server(
            ("127.0.0.1", 81), "end, _ = listener.accept()\nend.send(b'!')\ninput()"))
        client = stack.enter_context(namespace.connect(("127.0.0.1", 81)))
        assert client.recv(1) == b"!"
        as_root = stack.enter_context(Recording(tmp_path / "a.db", *only_us))
        as_user = stack.enter_context(Recording(public_folder / "b.db", *only_us, messages=tmp_path / "said",
                                                command=as_nobody(FOR_START)))
        wait_until_settled(as_user)
        loop, _ = threads(as_user)
        assert loop["Uid"].split() == [str(NOBODY)] * 4 and sets(loop) == only(FOR_LIFE)
        client.sendall(b"x" * 1000)
        for end in namespace.pair():
            stack.enter_context(end)
        with namespace.socket() as refused:
            assert refused.connect_ex(("127.0.0.1", 82)) != 0
        with namespace.socket() as routeless:
            assert routeless.connect_ex(("10.9.9.9", 82)) != 0
        older.kill()
        older.wait()
        expected = all_told(as_root.stop(), namespace)
        assert all_told(as_user.stop(), namespace) == expected
    rows, losses, _ = expected
    assert len(rows) == 6 and losses == 0
    assert all(row["exe"] and row["cgroup_path"] for row in rows)


def test_a_plain_user_who_may_not_enter_namespaces_says_so(tmp_path, public_folder, namespace):
    client, server = namespace.pair()
    with client, server, Recording(public_folder / "a.db", messages=tmp_path / "said",
                                   command=as_nobody(FOR_START - {"CAP_SYS_ADMIN"})) as recording:
        wait_until(lambda: "cannot enter" in recording.said())
        recording.stop()
    assert "CAP_SYS_ADMIN is missing" in recording.said()
    assert recording.value("SELECT sum(lost_netns) FROM batches") >= 1


def test_no_room_for_a_thread(public_folder):
    given = {"CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_SYS_PTRACE"}  # others know no limit
    done = subprocess.run([*as_nobody(given), "prlimit", "--nproc=1", RECORDER, "-q", "--db",
                           public_folder / "a.db"], capture_output=True, text=True, timeout=60)
    said, *more = done.stderr.splitlines()  # the leak checker of sanitizers gets no thread either
    assert done.returncode == 1 and (not more or "ASAN_OPTIONS" in os.environ)
    assert "cannot start a thread: Resource temporarily unavailable: look at ulimit -u" in said


def test_a_plain_user_is_told_which_capabilities_are_missing(public_folder):
    done = subprocess.run([*as_nobody({"CAP_BPF", "CAP_SYS_PTRACE"}), RECORDER, "--db",
                           public_folder / "a.db"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done
    assert "missing CAP_PERFMON, CAP_NET_ADMIN: run as root, or give" in done.stderr


@pytest.mark.parametrize("name", ["mem", "environ", "fd/0", "root/etc/shadow"])
def test_what_is_kept_does_not_open_the_memory_of_others(name):
    """Those files belong to the other user, here root."""
    with subprocess.Popen(["sleep", "60"]) as other:
        done = subprocess.run([*as_nobody(FOR_LIFE), "cat", f"/proc/{other.pid}/{name}"],
                              capture_output=True, text=True, timeout=60)
        seen = subprocess.run([*as_nobody(FOR_LIFE), "readlink", f"/proc/{other.pid}/exe"],
                              capture_output=True, text=True, timeout=60)
        other.kill()
    assert done.returncode == 1 and "Permission denied" in done.stderr
    assert seen.returncode == 0 and seen.stdout.strip()
