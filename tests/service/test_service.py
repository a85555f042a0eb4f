# SPDX-License-Identifier: Apache-2.0
"""The recorder as systemd runs it."""
import os
import pathlib
import shutil
import signal
import subprocess

import pytest

from servers import Traffic, short_connection
from service import (DB, FOLDER, UNIT, assert_file_is_whole, changed, clean, journal_of, journal_of_this_run,
                     main_pid, rows, run, running, show, systemctl, value, wait_for)

STARTED = "3097b8e477b94b6bb6e3014919f050dd"
STOPPED = "edd4e69966d743b9bca23e00334f92e5"
LOST = "c73d621d5c084694812e7b0392249514"
STUCK = "4183ee0fd4b24ba38936ead31edce548"
GOES_ON = "a4d86e7364ae4cf38eab317d764ace83"


def ends_of(port):
    return value("SELECT count(*) FROM connections WHERE ? IN (local_port, peer_port)", port)


def test_what_happens_from_the_start_to_the_stop_is_recorded():
    with running():
        first = short_connection()
        last = short_connection()
    assert (ends_of(first), ends_of(last)) == (2, 2)
    assert_file_is_whole()
    assert show("Result") == "success"


def test_restart_amid_connections_loses_none_but_in_the_gap_that_the_file_tells():
    with running(), Traffic() as traffic:
        traffic.wait_for_more(500)
        systemctl("restart")
        traffic.wait_for_more(500)
    assert_file_is_whole()
    before, after = rows("SELECT started_us, ended_us FROM recordings ORDER BY id")
    recorded = {row["local_port"] for row in rows(
        "SELECT local_port FROM connections WHERE peer_port = ?", traffic.port)}
    missing = [(begin, end) for port, begin, end in traffic.made if port not in recorded]
    assert [times for times in missing
            if times[1] < before["ended_us"] or times[0] > after["started_us"]] == []
    assert len(recorded) >= 1000 * 0.9
    print(f"{len(traffic.made)} connections, {len(recorded)} recorded; the others were in the gap of "
          f"{(after['started_us'] - before['ended_us']) / 1e6:.3f} s, which the file tells")


def test_status_tells_open_rate_lost_and_size():
    with running():
        wait_for(lambda: " open " in show("StatusText"))
        text = show("StatusText")
        assert all(word in text for word in (" events/s", " RTT/s", "lost 0", "db ")), text
        assert text in systemctl("status").stdout


def test_watchdog_ends_a_recorder_that_hangs_and_a_new_one_goes_on():
    with changed("WatchdogSec=5s", "RestartSec=1s"), running():
        port = short_connection()
        wait_for(lambda: DB.exists() and ends_of(port) == 2)
        hung = main_pid()
        os.kill(hung, signal.SIGSTOP)
        wait_for(lambda: main_pid() not in (0, hung) and show("ActiveState") == "active")
        assert int(show("NRestarts")) == 1
        later = short_connection()
    assert_file_is_whole()
    assert (ends_of(port), ends_of(later)) == (2, 2)
    assert [row["end_kind"] for row in rows("SELECT end_kind FROM recordings ORDER BY id")] == [
        "crashed", "stopped"]


def test_watchdog_says_so():
    with changed("WatchdogSec=5s", "Restart=no"):
        clean()
        systemctl("start")
        os.kill(main_pid(), signal.SIGSTOP)
        wait_for(lambda: show("ActiveState") == "failed")
        assert show("Result") == "watchdog"
        clean()


def test_a_wrong_option_is_not_tried_again():
    with changed("ExecStart=", f"ExecStart={os.environ['CTRACK_RECORDER']} --no-such-option"):
        clean()
        assert systemctl("start", check=False).returncode != 0
        wait_for(lambda: show("ActiveState") == "failed")
        assert (show("Result"), show("NRestarts"), show("ExecMainStatus")) == ("exit-code", "0", "2")
        (said,) = [entry for entry in journal_of_this_run() if "no-such-option" in entry["MESSAGE"]
                   and entry["SYSLOG_IDENTIFIER"] == "ctrack-recorder"]
        assert said["PRIORITY"] == "3"
        clean()


CONFIG = pathlib.Path("/etc/ctrack/ctrack-recorder.conf")


@pytest.fixture
def config():
    """Empty, and as it was afterwards."""
    CONFIG.parent.mkdir(exist_ok=True)
    before = CONFIG.read_bytes() if CONFIG.exists() else b""
    CONFIG.write_text("", encoding="utf-8")
    yield CONFIG
    CONFIG.write_bytes(before)


def said_in_journal(words):
    return any(words in entry["MESSAGE"] for entry in journal_of_this_run())


def test_reload_takes_what_can_change_and_leaves_the_rest(config):
    with running():
        pid = main_pid()
        config.write_text("max-age=1h\nring-size=32M\n", encoding="utf-8")
        systemctl("reload")
        wait_for(lambda: said_in_journal("only a restart can set lifecycle-ring"))
        assert said_in_journal("max-age")
        config.write_text("max-agee=2h\n", encoding="utf-8")
        systemctl("reload")
        wait_for(lambda: said_in_journal("did you mean max-age?"))
        wait_for(lambda: show("ActiveState") == "active")
        assert main_pid() == pid
        port = short_connection()
    assert ends_of(port) == 2
    assert "max-age=3600000ms" in value("SELECT options FROM recordings")


def test_a_file_elsewhere_takes_one_line():
    folder = pathlib.Path("/srv/ctrack-elsewhere")
    folder.mkdir()
    shutil.chown(folder, "ctrack", "ctrack")
    command = f"ExecStart={os.environ['CTRACK_RECORDER']} --db {folder}/a.db"
    try:
        with changed("Restart=no", "ExecStart=", command):
            clean()
            assert systemctl("start", check=False).returncode != 0
            assert said_in_journal(f"{folder}/a.db")
        with changed("ExecStart=", command, f"ReadWritePaths={folder}"), running():
            short_connection()
        assert [file.name for file in folder.iterdir()] == ["a.db"]
    finally:
        shutil.rmtree(folder)


def test_each_message_is_in_the_journal_once_with_its_fields():
    with running():
        short_connection()
        invocation = show("InvocationID")
    entries = journal_of(invocation)
    messages = {entry.get("MESSAGE_ID"): entry for entry in entries if "CTRACK_DB" in entry}
    assert messages[STARTED]["CTRACK_DB"] == messages[STOPPED]["CTRACK_DB"] == str(DB)
    assert messages[STARTED]["PRIORITY"] == "6"
    assert messages[STARTED]["CTRACK_CGROUP"].startswith("/sys/fs/cgroup")
    assert messages[STOPPED]["CTRACK_LOST"] == "0"
    assert int(messages[STOPPED]["CTRACK_CONNECTIONS"]) >= 2
    assert int(messages[STOPPED]["CTRACK_EVENTS"]) > 0
    texts = [entry["MESSAGE"] for entry in entries]
    assert sum(text.startswith("recording /") for text in texts) == 1
    assert sum(text.startswith("stopped: ") for text in texts) == 1


def test_a_loss_is_in_the_journal():
    with changed("ExecStart=", f"ExecStart={os.environ['CTRACK_RECORDER']} --ring-size 4096"), \
            running():
        pid = main_pid()
        os.kill(pid, signal.SIGSTOP)
        for _ in range(100):
            short_connection()
        os.kill(pid, signal.SIGCONT)
        wait_for(lambda: any(entry.get("MESSAGE_ID") == LOST for entry in journal_of_this_run()))
        (loss,) = [entry for entry in journal_of_this_run() if entry.get("MESSAGE_ID") == LOST]
    assert loss["PRIORITY"] == "4"
    told = int(loss["CTRACK_LOST_LIFECYCLE_RING"])
    assert 0 < told <= value("SELECT sum(lost) FROM loss_log WHERE cause = 'lifecycle_ring'")


def test_a_full_disk_is_in_the_journal_and_the_recorder_goes_on(tmp_path):
    clean()
    run("mount", "-t", "tmpfs", "-o", f"size=4M,mode=750,uid={run('id', '-u', 'ctrack').stdout.strip()}",
        "none", str(FOLDER))
    try:
        systemctl("start")
        ballast = FOLDER / "ballast"
        subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=4k"], check=False, capture_output=True)
        wait_for(lambda: short_connection() and
                 any(entry.get("MESSAGE_ID") == STUCK for entry in journal_of_this_run()))
        ballast.unlink()
        wait_for(lambda: any(entry.get("MESSAGE_ID") == GOES_ON for entry in journal_of_this_run()))
        port = short_connection()
        systemctl("stop")
        assert ends_of(port) == 2
        assert_file_is_whole()
    finally:
        systemctl("stop", check=False)
        run("umount", "-l", str(FOLDER))


def as_user(name, *command):
    return run("runuser", "-u", name, "--", *command, check=False)


@pytest.fixture
def users():
    run("useradd", "--no-create-home", "--groups", "ctrack", "ctrack-reader")
    run("useradd", "--no-create-home", "ctrack-stranger")
    yield
    run("userdel", "ctrack-reader")
    run("userdel", "ctrack-stranger")


def test_a_member_of_the_group_reads_while_it_is_written_and_a_stranger_does_not(users):
    with running():
        port = short_connection()
        wait_for(lambda: ends_of(port) == 2)
        report = (os.environ["CTRACK_QUERY"], "-r", str(DB), "connections", f"port={port}", "-o", "json")
        member = as_user("ctrack-reader", *report)
        assert member.returncode == 0 and str(port) in member.stdout, member.stderr
        stranger = as_user("ctrack-stranger", *report)
        assert stranger.returncode == 1 and stranger.stdout == "", stranger
        assert len(stranger.stderr.splitlines()) == 1


def test_by_hand_root_is_told_that_the_file_is_the_service_s():
    with running():
        pass
    checked = run(os.environ["CTRACK_RECORDER"], "--check", check=False)
    assert checked.returncode == 0, checked.stdout
    assert f"file                less   {DB} is the service's" in checked.stdout
    started = run(os.environ["CTRACK_RECORDER"], "--duration", "1s", check=False)
    assert started.returncode == 1 and "there the service records" in started.stderr
    assert "chown" not in started.stderr


def test_what_root_has_recorded_by_hand_the_service_goes_on_with():
    clean()
    shutil.rmtree(FOLDER)
    run(os.environ["CTRACK_RECORDER"], "--duration", "1s")
    assert FOLDER.owner() == "root"
    systemctl("start")
    systemctl("stop")
    assert FOLDER.owner() == DB.owner() == "ctrack"
    assert value("SELECT count(*) FROM recordings WHERE end_kind = 'stopped'") == 2


def test_the_process_has_no_more_rights_than_the_unit_gives():
    with running():
        status = dict(line.split(":\t", 1) for line in pathlib.Path(
            f"/proc/{main_pid()}/status").read_text(encoding="ascii").splitlines() if ":\t" in line)
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert status["Uid"].split()[0] == run("id", "-u", "ctrack").stdout.strip() != "0"
    given = sum(1 << bit for bit in (12, 19, 21, 38, 39))  # NET_ADMIN SYS_PTRACE SYS_ADMIN PERFMON BPF
    assert int(status["CapPrm"], 16) & ~given == 0


def test_exposure_is_as_low_as_the_docs_say():
    done = run("systemd-analyze", "security", "--no-pager", UNIT)
    level = done.stdout.strip().splitlines()[-1]
    print(level)
    assert float(level.split(": ")[1].split()[0]) <= 2.5

