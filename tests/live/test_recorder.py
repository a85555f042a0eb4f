# SPDX-License-Identifier: Apache-2.0
"""The recorder as a program: options, errors, signals, the file it leaves."""

import contextlib
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

from namespaces import disconnect
from other_programs import another_program
from recording import RECORDER, Recording
from servers import Traffic, connected_pair, exchange, short_connection


def run_recorder(*options, command=()):
    return subprocess.run([*command, RECORDER, "--duration", "300ms", *options],
                          capture_output=True, text=True, timeout=60)


def assert_one_line(done, code, *words):
    """One clear line on stderr, nothing on stdout."""
    assert done.returncode == code, done
    assert done.stdout == ""
    assert done.stderr.startswith("ctrack-recorder: ") and done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGXCPU}
# The recorder leaves these as they are.
FATAL = {signal.SIGKILL, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL,
         signal.SIGSEGV, signal.SIGSYS, signal.SIGTRAP}
PAUSING = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}


@pytest.mark.parametrize("stop_signal", sorted(ENDING))
def test_a_signal_ends_the_recording_in_order(recording, tmp_path, stop_signal):
    port = short_connection()
    recording.stop(stop_signal)
    assert recording.both_ends(port)
    assert recording.value("PRAGMA integrity_check") == "ok"
    assert recording.rows("PRAGMA foreign_key_check") == []
    assert recording.value("SELECT end_kind FROM recordings") == "stopped"
    assert recording.value("SELECT ended_us > started_us FROM recordings")
    assert not os.path.exists(recording.db + "-wal")
    assert not os.path.exists(recording.db + "-shm")
    copy = tmp_path / "elsewhere" / "mailed.db"  # one file, readable without the others
    copy.parent.mkdir()
    shutil.copy(recording.db, copy)
    shell = subprocess.run(["sqlite3", "-readonly", str(copy), "SELECT count(*) FROM connections"],
                           capture_output=True, text=True, check=True)
    assert int(shell.stdout) >= 2


def test_signals_that_mean_nothing(recording):
    for meaningless in signal.valid_signals() - ENDING - FATAL - PAUSING - {signal.SIGHUP}:
        recording.process.send_signal(meaningless)
    port = short_connection()
    recording.stop()
    assert recording.both_ends(port)


def test_duration_and_messages(tmp_path, cgroup):
    """Of a cgroup of its own, since other namespaces of the host may give a warning. Before Linux
    6.12 there is a line on older connections."""
    options = ["--cgroup", cgroup, "--db", str(tmp_path / "a.db")]
    started = time.monotonic()
    done = run_recorder(*options)
    assert done.returncode == 0 and done.stdout == ""
    assert time.monotonic() - started >= 0.3
    first, last = [line for line in done.stderr.splitlines() if not line.startswith("less is")]
    assert first.startswith("recording /") and first.endswith(str(tmp_path / "a.db"))
    assert last.startswith("stopped: ") and "lost 0" in last
    assert run_recorder("-q", *options).stderr == ""


def test_last_moment_is_in_the_file(tmp_path):
    with Recording(tmp_path / "a.db", "--commit-interval", "1h") as recording:
        port = short_connection()
        recording.stop()
        assert [row["outcome"] for row in recording.both_ends(port)] == ["closed", "closed"]


def test_the_end_is_when_it_stopped_to_see(tmp_path, only_us):
    """What is older than the end that the file tells is in the file."""
    with Recording(tmp_path / "a.db", *only_us) as recording, Traffic() as traffic:
        traffic.wait_for_more(100)
        recording.stop()
        traffic.wait_for_more(10)
    ended_us = recording.value("SELECT ended_us FROM recordings")
    recorded = {row["peer_port"] for row in recording.rows("SELECT peer_port FROM connections")}
    assert [port for port, _, end_us in traffic.made
            if end_us < ended_us and port not in recorded] == []


def test_status_line_on_a_terminal(tmp_path):
    main, terminal = pty.openpty()
    recorder = subprocess.Popen([RECORDER, "--db", str(tmp_path / "a.db"), "--duration", "2500ms"],
                                stderr=terminal)
    assert recorder.wait(30) == 0
    os.close(terminal)
    shown = os.read(main, 65536).decode()
    os.close(main)
    assert shown.count("\r\x1b[K") >= 2
    line = shown.split("\r\x1b[K")[0].splitlines()[-1]
    assert line.startswith("recording /") and len(line) <= 80


def test_second_recorder_on_the_same_file(recording):
    assert_one_line(run_recorder("--db", recording.db), 1, "in use by another ctrack-recorder")
    port = short_connection()
    recording.stop()
    assert recording.both_ends(port)


def test_two_recorders_beside_each_other(tmp_path):
    with Recording(tmp_path / "a.db") as one, Recording(tmp_path / "b.db") as two:
        client, server, port = connected_pair()
        exchange(client, server, b"q" * 10, b"r" * 20)
        two.stop()
        client.close()
        server.close()
        one.stop()
        assert [row["outcome"] for row in one.both_ends(port)] == ["closed", "closed"]
        assert [row["outcome"] for row in two.both_ends(port)] == ["open", "open"]
        assert one.both_ends(port)[0]["rtt_samples"] > 0


def test_restart_after_kill(tmp_path):
    db = tmp_path / "a.db"
    with Recording(db) as killed:
        client, server, port = connected_pair()
        killed.kill_once_recorded(port)
    with Recording(db) as next_one:
        exchange(client, server, b"q" * 10, b"r" * 20)
        client.close()
        server.close()
        next_one.stop()
        assert [row["end_kind"] for row in next_one.rows("SELECT end_kind FROM recordings")] == [
            "crashed", "stopped"]
        rows = next_one.rows("SELECT recording_id, start_kind, outcome, bytes_sent FROM connections "
                             "WHERE local_port = ? ORDER BY id", port)
    assert rows == [
        {"recording_id": 1, "start_kind": "seen", "outcome": "open", "bytes_sent": 0},
        {"recording_id": 2, "start_kind": "preexisting", "outcome": "closed", "bytes_sent": 20}]


def test_reconnect_of_a_preexisting_socket(tmp_path):
    """After a restart the first connection of a socket is not the one it makes next."""
    db = tmp_path / "a.db"
    with Recording(db) as killed:
        client, server, first_port = connected_pair()
        killed.kill()
    with Recording(db) as recording, socket.create_server(("127.0.0.1", 0)) as listener:
        exchange(client, server, b"q", b"r")
        disconnect(client)
        second_port = listener.getsockname()[1]
        client.connect(listener.getsockname())
        listener.accept()[0].close()
        client.close()
        recording.stop()
        rows = recording.rows("SELECT peer_port, generation, start_kind, outcome FROM connections "
                              "WHERE recording_id = 2 AND direction != 'passive' "
                              "AND peer_port IN (?, ?) ORDER BY id", first_port, second_port)
    server.close()
    assert [tuple(row.values()) for row in rows] == [
        (first_port, 1, "preexisting", "reset"), (second_port, 2, "seen", "closed")]


def test_beside_a_program_that_answers(tmp_path, cgroup, only_us):
    with another_program(tmp_path, cgroup, "multi"):
        with Recording(tmp_path / "a.db", *only_us) as recording:
            client, server, port = connected_pair()
            for _ in range(20):
                exchange(client, server, b"q", b"r")
            client.close()
            server.close()
            recording.stop()
            for row in recording.both_ends(port):
                assert row["outcome"] == "closed"
                assert row["rtt_samples"] > 10 and row["rtt_max_us"] < 1_000_000


def test_an_exclusive_program_is_named_and_nothing_touched(tmp_path, cgroup):
    with another_program(tmp_path, cgroup):
        done = run_recorder("--db", str(tmp_path / "a.db"), "--cgroup", cgroup)
        assert_one_line(done, 1, "cannot attach", "exclusively")
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize("hook, sees_connect_errors", [("connect4", False),
                                                       ("getpeername4", True)])
def test_a_program_that_has_a_lesser_hook_to_itself(tmp_path, cgroup, only_us, hook,
                                                    sees_connect_errors):
    with another_program(tmp_path, cgroup, does="", hook=hook):
        with Recording(tmp_path / "a.db", *only_us) as recording:
            port = short_connection()
            recording.stop()
        assert {row["outcome"] for row in recording.both_ends(port)} == {"closed"}
        seen = recording.value("SELECT connect_errors FROM recordings") != "none"
        assert seen == sees_connect_errors


def test_where_the_root_of_cgroup2_is_not_mounted(tmp_path, cgroup):
    """As in a container: a part of cgroup2 is all there is to see."""
    part = tmp_path / "part"
    part.mkdir()
    script = (f"mount --bind {cgroup} {part} && "
              "for m in $(findmnt -nlo TARGET -t cgroup2 | grep -vx " + str(part) + "); do "
              "umount -l $m; done; exec \"$@\"")
    command = ["unshare", "--mount", "sh", "-c", script, "sh"]
    assert_one_line(run_recorder("--db", str(tmp_path / "none.db"), command=command), 1,
                    "no cgroup2 is mounted", "--cgroup")
    assert not (tmp_path / "none.db").exists()
    done = run_recorder("--db", str(tmp_path / "a.db"), "--cgroup", str(part), command=command)
    assert done.returncode == 0, done.stderr


def test_another_programs_lock_loses_nothing(recording):
    other = sqlite3.connect(recording.db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    port = short_connection()
    time.sleep(1)  # several commits come and go
    assert recording.process.poll() is None
    other.execute("ROLLBACK")
    recording.wait_for("SELECT count(*) = 2 FROM connections WHERE outcome = 'closed' "
                       "AND ? IN (local_port, peer_port)", port)
    other.close()
    recording.stop()


def test_nobody_reads_the_messages(tmp_path):
    recorder = subprocess.Popen([RECORDER, "-v", "--db", str(tmp_path / "a.db"), "--duration",
                                 "500ms"], stderr=subprocess.PIPE)
    recorder.stderr.close()
    assert recorder.wait(30) == 0


def test_without_privilege_nothing_is_touched(public_folder):
    program = public_folder / "ctrack-recorder"
    shutil.copy(RECORDER, program)
    done = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                           str(program), "--db", str(public_folder / "new" / "a.db")],
                          capture_output=True, text=True, timeout=60)
    assert_one_line(done, 1, "CAP_BPF", "missing", "run as root")


def test_too_few_open_files(tmp_path):
    done = run_recorder("--db", tmp_path / "a.db", command=("prlimit", "--nofile=20"))
    assert_one_line(done, 1, "too many open files", "ulimit -n")
    assert not (tmp_path / "new").exists()


KERNEL_IMAGES = [f"{place}/vmlinux-{os.uname().release}" for place in ("/boot", "/usr/lib/debug")]
KERNEL_IMAGES.append(f"/lib/modules/{os.uname().release}/build/vmlinux")


@pytest.mark.skipif(any(map(os.path.exists, KERNEL_IMAGES)),
                    reason="libbpf would take the BTF of a kernel image on disk")
def test_kernel_without_btf(tmp_path):
    hide = "mount -t tmpfs none /sys/kernel/btf && exec \"$@\""
    done = run_recorder("--db", str(tmp_path / "a.db"),
                        command=["unshare", "--mount", "sh", "-c", hide, "sh"])
    assert_one_line(done, 1, "/sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF")
    assert not (tmp_path / "a.db").exists()


def test_places_that_cannot_be_written(tmp_path):
    assert_one_line(run_recorder("--db", "/proc/none/a.db"), 1, "cannot make the folder")
    assert_one_line(run_recorder("--db", "/dev/null/a.db"), 1, "cannot make the folder")
    assert_one_line(run_recorder("--db", str(tmp_path)), 1, "Is a directory")
    read_only = f"mount -t tmpfs -o ro none {tmp_path} && exec \"$@\""
    done = run_recorder("--db", str(tmp_path / "a.db"),
                        command=["unshare", "--mount", "sh", "-c", read_only, "sh"])
    assert_one_line(done, 1, "Read-only file system")


def test_a_file_that_is_not_ours_is_left_alone(tmp_path):
    other = tmp_path / "other.db"
    subprocess.run(["sqlite3", str(other), "CREATE TABLE t(x)"], check=True)
    text = tmp_path / "notes.txt"
    text.write_text("not a database\n" * 100)
    for path in (other, text):
        before = path.read_bytes()
        assert_one_line(run_recorder("--db", str(path)), 1, "is not a ctrack file", str(path))
        assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notes.txt", "other.db"]


def test_more_than_any_disk_has(tmp_path):
    """The number of pages that the log may have is beyond SQLite's."""
    for size in ("200T", "1024P"):
        with Recording(tmp_path / f"{size}.db", "--max-size", size) as recording:
            port = short_connection()
            recording.stop()
            assert recording.both_ends(port)


def test_a_newer_file_is_left_alone(recording):
    recording.stop()
    subprocess.run(["sqlite3", recording.db, "PRAGMA user_version = 99"], check=True)
    assert_one_line(run_recorder("--db", recording.db), 1, "newer ctrack", "99")


def in_time_namespace(seconds):
    return ["unshare", "--time", "--fork", "--boottime", str(seconds)]


@pytest.mark.skipif(not os.path.exists("/proc/self/ns/time"), reason="no time namespaces")
def test_a_time_namespace(tmp_path, only_us):
    """One with other clocks is refused; one that has the host's is as good as none."""
    db = tmp_path / "a.db"
    assert_one_line(run_recorder("--db", str(db), command=in_time_namespace(3600)), 1,
                    "time namespace", "nsenter -t 1 -T")
    assert not db.exists()
    done = run_recorder("--db", str(db), *only_us, command=in_time_namespace(0))
    assert done.returncode == 0, done.stderr


def test_bad_cgroup():
    assert_one_line(run_recorder("--cgroup", "/tmp"), 1, "not in a cgroup2 hierarchy")
    assert_one_line(run_recorder("--cgroup", "/no/such"), 1, "No such file")


def test_usage_errors():
    for options in (["--nonsense"], ["--rtt", "maybe"], ["--duration", "tomorrow"], ["stray"]):
        assert_one_line(run_recorder(*options), 2, "--help")
    helped = subprocess.run([RECORDER, "--help"], capture_output=True, text=True, check=True)
    for option in ("--db", "--cgroup", "--duration", "--commit-interval", "--rtt", "--ring-size",
                   "--quiet", "--verbose", "--version", "--config"):
        assert option in helped.stdout


def talk(times):
    client, server, port = connected_pair()
    for _ in range(times):
        exchange(client, server, b"q", b"r")
    client.close()
    server.close()
    return port


def test_rtt_off(tmp_path, only_us):
    with (Recording(tmp_path / "other.db"),  # it switches RTT callbacks on
          Recording(tmp_path / "a.db", "--rtt", "off", *only_us) as recording):
        port = talk(50)
        recording.stop()
        assert recording.value("SELECT count(*) FROM rtt_samples") == 0
        assert [row["rtt_samples"] for row in recording.both_ends(port)] == [0, 0]


def test_rtt_gap_thins_samples_but_not_summaries(tmp_path):
    with Recording(tmp_path / "a.db", "--rtt", "1h") as recording:
        port = talk(50)
        recording.stop()
        for row in recording.both_ends(port):
            assert row["rtt_samples"] > 25
            assert recording.value("SELECT count(*) FROM rtt_samples WHERE connection_id = ?",
                                   row["id"]) == 1


def test_config_file(tmp_path):
    config = tmp_path / "recorder.conf"
    config.write_text(f"db={tmp_path}/from-config.db\nduration=200ms\nrtt=off\n")
    done = subprocess.run([RECORDER, "--config", str(config)], capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "from-config.db").exists()


def test_recording_describes_itself(recording):
    recording.stop()
    (row,) = recording.rows("SELECT * FROM recordings")
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as boot_id:
        assert row["boot_id"] == boot_id.read().strip()
    assert row["kernel"] == os.uname().release
    assert row["hostname"] == os.uname().nodename
    assert "commit-interval=100ms" in row["options"]
    assert (row["clock"], row["rtt_mode"]) == ("boottime", "every")
    assert abs(row["started_us"] / 1e6 - time.time()) < 60


def verified_instructions(process):
    """Of each BPF program that the process has open: how many instructions the kernel followed to
    find out that the program is safe."""
    found = []
    for file in pathlib.Path(f"/proc/{process.pid}/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it has just closed another file
            found += re.findall(r"^verified_insns:\s*(\d+)$", file.read_text(), re.MULTILINE)
    return [int(count) for count in found]


def test_the_kernel_verifies_the_programs_fast(recording):
    """Each 1,000 instructions take it a millisecond or more, while the recorder starts."""
    counts = verified_instructions(recording.process)
    assert len(counts) > 5
    assert sum(counts) < 100_000, counts
