# SPDX-License-Identifier: Apache-2.0
"""ctrack-recorder --check: each part broken on purpose is found, and what it says is what happens to
a recording."""

import contextlib
import os
import pathlib
import shutil
import sqlite3
import subprocess

import pytest

from conftest import NOBODY, cgroup2_root, move_to, remove_cgroup
from other_programs import another_program, clear_callback_flags
from recording import RECORDER, Recording

PARTS = ["kernel", "btf", "cgroup2", "namespaces", "capabilities", "lockdown", "processes",
         "network namespaces", "memory", "programs", "other programs", "connect errors", "accept",
         "older connections", "open files", "trial", "file", "disk", "result"]
NOT_STORED = {"programs", "trial", "file", "disk", "result"}
INDENT = 27


def run(*options, command=(), program=RECORDER):
    return subprocess.run([*command, program, *map(str, options)], capture_output=True, text=True,
                          timeout=60)


class Found:
    """What --check printed: of each part its state and what was found, costs and mend."""

    def __init__(self, done):
        assert done.stderr == "", done
        self.code, self.text, self.states, self.found, self.more = done.returncode, done.stdout, {}, {}, {}
        for line in done.stdout.splitlines():
            part, state = line[:20].strip(), line[20:INDENT].strip()
            if part:
                self.states[part], self.found[part] = state, line[INDENT:]
                last = part
            else:
                kind, text = line.strip().split(": ", 1)
                self.more[last, kind] = text
        assert self.code == int("fails" in self.states.values()), self.text
        assert self.states["result"] == max(
            (state for part, state in self.states.items() if part != "result"),
            key=["ok", "less", "fails"].index), self.text
        for part, state in self.states.items():
            assert state == "ok" or part == "result" or (part, "costs") in self.more, self.text


def check(folder, *options, command=(), program=RECORDER):
    return Found(run("--check", "--db", folder / "new" / "a.db", *options, command=command,
                     program=program))


def assert_agrees(found, folder, *options, command=(), program=RECORDER):
    """The recorder starts if and only if --check says that it can."""
    done = run("--duration", "100ms", "--db", folder / "new" / "a.db", *options, command=command,
               program=program)
    assert done.returncode == found.code, (found.text, done.stderr)
    return done


@pytest.fixture
def open_folder(public_folder):
    """One of the plain user, with a recorder that everybody may run."""
    shutil.copy(RECORDER, public_folder / "ctrack-recorder")
    return public_folder


def test_all_is_there(tmp_path):
    """On the hosts of these tests; what a kernel lacks is less."""
    found = check(tmp_path)
    assert list(found.states) == PARTS
    assert found.code == 0 and "fails" not in found.states.values()
    for part in set(PARTS) - {"connect errors", "older connections", "trial", "result"}:
        assert found.states[part] == "ok", found.text
    assert not list(tmp_path.iterdir())
    assert_agrees(found, tmp_path)


def test_a_stdout_that_takes_nothing(tmp_path):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([RECORDER, "--check", "--db", tmp_path / "a.db"], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (
        1, "ctrack-recorder: cannot print the checks: No space left on device\n")


def test_it_fits_one_screen(tmp_path):
    lines = check(tmp_path).text.splitlines()
    assert len(lines) <= 24 + 2 * sum(line[20:24] == "less" for line in lines)


PLAIN = ("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups")


def with_capabilities(*names):
    added = ",".join("+" + name for name in names)
    return (*PLAIN, "--inh-caps", added, "--ambient-caps", added)


def test_a_plain_user(open_folder):
    program = open_folder / "ctrack-recorder"
    found = check(open_folder, command=PLAIN, program=program)
    assert found.states["capabilities"] == "fails"
    assert "CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN" in found.found["capabilities"]
    done = assert_agrees(found, open_folder, command=PLAIN, program=program)
    assert found.found["capabilities"] in done.stderr and done.stderr.count("\n") == 1
    assert not (open_folder / "new").exists()


@pytest.mark.parametrize("given, less", [
    (("bpf", "perfmon", "net_admin"), {"processes", "network namespaces"}),
    (("bpf", "perfmon", "net_admin", "sys_ptrace"), {"network namespaces"}),
    (("bpf", "perfmon", "net_admin", "sys_ptrace", "sys_admin"), set()),
    (("net_admin", "sys_ptrace", "sys_admin"), set())])
def test_a_plain_user_with_capabilities(open_folder, given, less):
    command, program = with_capabilities(*given), open_folder / "ctrack-recorder"
    usual = {part for part, state in check(open_folder).states.items() if state == "less"}
    found = check(open_folder, command=command, program=program)
    is_less = {part for part, state in found.states.items() if state == "less"}
    assert is_less - usual - {"result"} == less and found.code == 0, found.text
    assert_agrees(found, open_folder, command=command, program=program)
    rows = stored(open_folder / "new" / "a.db")
    assert {part for part, (state, _, _) in rows.items() if state == "less"} - usual == less
    for part in less:
        assert rows[part][2] == found.more[part, "costs"]


def stored(path):
    """part: (state, found, costs)."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        return {part: rest for part, *rest in db.execute(
            "SELECT part, state, found, costs FROM host_checks WHERE recording_id = "
            "(SELECT max(id) FROM recordings)")}


def test_a_recording_has_what_was_found(recording, tmp_path):
    found = check(tmp_path)
    recording.stop()
    rows = stored(recording.db)
    assert set(rows) == set(PARTS) - NOT_STORED
    for part in {"kernel", "btf", "cgroup2", "capabilities", "connect errors", "accept"}:
        assert rows[part][:2] == [found.states[part], found.found[part]]


@pytest.mark.parametrize("unshare, state, word", [
    (("unshare", "--user", "--map-root-user"), "fails", "user namespace"),
    (("unshare", "--time", "--boottime", "1000"), "fails", "time namespace"),
    (("unshare", "--pid", "--fork", "--mount-proc"), "less", "pid namespace")],
    ids=["user", "time", "pid"])
def test_namespaces(tmp_path, unshare, state, word):
    found = check(tmp_path, command=unshare)
    assert found.states["namespaces"] == state and word in found.found["namespaces"]
    done = assert_agrees(found, tmp_path, command=unshare)
    assert state == "less" or word in done.stderr


def in_mounts(script):
    """After a script has changed the mounts of a namespace of its own."""
    return ("unshare", "--mount", "sh", "-ec", script + '\nexec "$@"', "sh")


NO_CGROUP2 = "for m in $(findmnt -nlo TARGET -t cgroup2); do umount -l $m; done"


@pytest.mark.parametrize("part, script, word", [
    ("cgroup2", NO_CGROUP2, "no cgroup2 is mounted"),
    ("btf", "mount -t tmpfs none /sys/kernel/btf", "cannot read /sys/kernel/btf/vmlinux")],
    ids=["no-cgroup2", "no-btf"])
def test_what_must_be_mounted(tmp_path, part, script, word):
    command = in_mounts(script)
    found = check(tmp_path, command=command)
    assert found.states[part] == "fails" and word in found.found[part]
    done = assert_agrees(found, tmp_path, command=command)
    assert word in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_part_of_cgroup2(tmp_path, cgroup):
    """As in a container with a cgroup namespace of its own."""
    inner = f"mkdir {tmp_path}/part; {NO_CGROUP2}; mount -t cgroup2 none {tmp_path}/part"
    command = ("sh", "-ec", f'echo $$ > {cgroup}/cgroup.procs; exec "$@"', "sh",
               "unshare", "--cgroup", *in_mounts(inner))
    found = check(tmp_path, command=command)
    assert found.states["cgroup2"] == "less", found.text
    assert found.states["trial"] != "fails"


def test_that_is_no_cgroup(tmp_path):
    found = check(tmp_path, "--cgroup", tmp_path)
    assert found.states["cgroup2"] == "fails" and "is not in a cgroup2" in found.found["cgroup2"]
    assert_agrees(found, tmp_path, "--cgroup", tmp_path)


def test_an_exclusive_program(tmp_path, cgroup):
    with another_program(tmp_path, cgroup):
        found = check(tmp_path, "--cgroup", cgroup)
        assert found.states["programs"] == "fails" and "other (id " in found.found["programs"]
        done = assert_agrees(found, tmp_path, "--cgroup", cgroup)
        # The recorder of another test may be named beside it.
        assert found.found["programs"].split(" may be")[0].split(",")[0] in done.stderr


def test_a_program_beside_ours(tmp_path, cgroup, only_us):
    with another_program(tmp_path, cgroup, "multi", does=""):
        found = check(tmp_path, *only_us)
        assert "other (id " in found.found["other programs"]
        assert found.found["trial"].startswith("a connection of its own was seen")


@pytest.mark.usefixtures("only_us")
def test_a_program_that_turns_callbacks_off(tmp_path, cgroup, namespace):
    """It runs after the recorder's, because it is attached above."""
    below = f"{cgroup}/below"
    os.mkdir(below)
    move_to(below)
    try:
        with another_program(tmp_path, cgroup, "multi", does=clear_callback_flags(namespace)):
            assert check(tmp_path, "--cgroup", below).states["trial"] == "ok"
            with namespace:
                found = check(tmp_path, "--cgroup", below)
            assert found.states["trial"] == "less" and "the end was not seen" in found.found["trial"]
    finally:
        move_to(cgroup)
        remove_cgroup(below)


@pytest.mark.parametrize("hook, part", [("connect4", "connect errors"), ("getpeername4", "accept")])
def test_a_program_that_has_a_lesser_hook_to_itself(tmp_path, cgroup, hook, part):
    with another_program(tmp_path, cgroup, does="", hook=hook):
        found = check(tmp_path, "--cgroup", cgroup)
        assert found.states[part] == "less", found.text
        with Recording(tmp_path / "b.db", "--cgroup", cgroup) as recording:
            recording.stop()
            assert f"less is recorded than could be: {part}" in recording.said()
            assert stored(recording.db)[part][2] == found.more[part, "costs"]


def test_no_connection_where_there_is_no_loopback(tmp_path):
    found = check(tmp_path, command=("unshare", "--net"))
    assert found.states["trial"] == "ok" and "not made" in found.found["trial"]


@contextlib.contextmanager
def memory_limit(bytes_):
    """The cgroup.procs of a cgroup with that limit; of v1 where memory is there."""
    v1 = pathlib.Path("/sys/fs/cgroup/memory")
    if not v1.exists():
        with open(f"{cgroup2_root()}/cgroup.subtree_control", "w", encoding="ascii") as control:
            control.write("+memory")
    group = (v1 if v1.exists() else pathlib.Path(cgroup2_root())) / f"ctrack-check-{os.getpid()}"
    group.mkdir()
    limit = "memory.limit_in_bytes" if v1.exists() else "memory.max"
    (group / limit).write_text(str(bytes_))
    try:
        yield ("sh", "-ec", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh")
    finally:
        remove_cgroup(group)


roomy = pytest.mark.skipif("ASAN_OPTIONS" in os.environ,
                           reason="AddressSanitizer takes more memory than the limit itself")


@roomy
def test_too_little_memory_for_the_rings(tmp_path):
    with memory_limit(32 << 20) as command:
        found = check(tmp_path, command=command)
        assert found.states["memory"] == "fails" and "limit is 32 MiB" in found.found["memory"]
        done = assert_agrees(found, tmp_path, command=command)
        assert found.more["memory", "mend"] in done.stderr and done.stderr.count("\n") == 1
        assert check(tmp_path, "--ring-size", "1M", command=command).states["memory"] == "less"


@roomy
def test_too_little_memory_for_a_storm(tmp_path):
    with memory_limit(160 << 20) as command:
        found = check(tmp_path, command=command)
        assert found.states["memory"] == "less", found.text
        assert_agrees(found, tmp_path, command=command)


@pytest.mark.parametrize("files, part, state", [(20, "programs", "fails"), (66, "open files", "less")])
def test_open_files(tmp_path, files, part, state):
    command = ("prlimit", f"--nofile={files}")
    found = check(tmp_path, command=command)
    assert found.states[part] == state, found.text
    assert_agrees(found, tmp_path, command=command)


def on_tmpfs(folder, script, size="1M"):
    return in_mounts(f"mount -t tmpfs -o size={size} none {folder}\n{script}")


@pytest.mark.parametrize("script, part, state", [
    ("mount -o remount,ro {}", "file", "fails"),
    ("head -c 2M /dev/zero > {}/zero 2>/dev/null || true", "disk", "fails"),
    ("touch {}/new", "file", "fails"),
    ("mkdir {0}/new; mkdir {0}/new/a.db", "file", "fails"),
    ("mkdir {0}/new; touch {0}/new/a.db; chmod 666 {0}/new/a.db", "file", "fails")],
    ids=["read-only", "full", "a-file-for-the-folder", "a-folder-for-the-file", "everybody-writes"])
def test_a_file_that_cannot_be_made(tmp_path, script, part, state):
    command = on_tmpfs(tmp_path, script.format(tmp_path))
    found = check(tmp_path, command=command)
    assert found.states[part] == state, found.text
    assert_agrees(found, tmp_path, command=command)


def test_a_small_disk(tmp_path):
    command = on_tmpfs(tmp_path, "", "100M")
    assert check(tmp_path, command=command).states["disk"] == "less"
    assert check(tmp_path, "--max-size", "64M", command=command).states["disk"] == "ok"


def test_a_file_that_another_recorder_has(recording):
    found = Found(run("--check", "--db", recording.db))
    assert found.states["file"] == "less" and "in use by another" in found.found["file"]
    recording.stop()
    assert Found(run("--check", "--db", recording.db)).states["file"] == "ok"


def test_a_file_that_is_none_of_ours(tmp_path):
    path = tmp_path / "a.db"
    sqlite3.connect(path).execute("CREATE TABLE t (a)").connection.close()
    before = path.read_bytes()
    assert Found(run("--check", "--db", path)).states["file"] == "fails"
    assert path.read_bytes() == before
    path.write_bytes(b"")
    assert Found(run("--check", "--db", path)).states["file"] == "ok"


def test_a_hostile_path_cannot_act_on_a_terminal(tmp_path):
    found = Found(run("--check", "--db", tmp_path / "a\x1b[2Jb\n.db"))
    assert "\x1b" not in found.text and "\\x1b" in found.text
