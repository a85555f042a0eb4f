# SPDX-License-Identifier: Apache-2.0
"""Whose the files are: what the recorder makes is for its owner and group, and it records into
nothing that another user could have written to, or could put in the place of its file."""

import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import tempfile

import pytest

from recording import QUERY, RECORDER, Recording
from servers import short_connection, wait_until

NOBODY = 65534
READERS = 54321  # a group that no machine has


def mode(path):
    return oct(os.stat(path).st_mode & 0o7777)


def refused(db, command=()):
    """The one line that says why."""
    done = subprocess.run([*command, RECORDER, "--db", str(db), "--duration", "100ms"],
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    assert str(db) in done.stderr
    return done.stderr


def in_shell(setting):
    """The command before the recorder's own that makes it so."""
    return ("sh", "-c", f"{setting} && exec \"$@\"", "sh")


@pytest.fixture
def file(tmp_path):
    return Recording(tmp_path / "a.db").stop().db


@pytest.mark.parametrize("umask", ["000", "077"])
def test_owner_and_group_read_whatever_the_umask(tmp_path, umask):
    db = tmp_path / "new" / "deeper" / "a.db"
    with Recording(db, command=in_shell(f"umask {umask}"),
                   messages=tmp_path / "messages") as recording:
        assert {mode(f"{db}{suffix}") for suffix in ("", "-wal", "-shm")} == {"0o640"}
        recording.stop()
    assert mode(db.parent) == mode(db.parent.parent) == "0o750"


@pytest.mark.parametrize("suffix", ["", "-wal", "-journal"])
def test_a_file_of_another_user(file, suffix):
    open(file + suffix, "ab").close()
    os.chown(file + suffix, 65534, 65534)
    assert "belongs to user 65534" in refused(file)


def test_a_file_that_everybody_can_write(file):
    os.chmod(file, 0o646)
    assert "can be written by everybody" in refused(file)


def test_no_file(tmp_path):
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(tmp_path / "socket"))
    os.mkfifo(tmp_path / "pipe")
    assert "is no regular file" in refused(tmp_path / "pipe")
    assert "cannot write" in refused(tmp_path / "socket")


def test_a_file_with_a_trigger(file):
    db = sqlite3.connect(file)
    db.execute("CREATE TRIGGER theirs AFTER INSERT ON batches BEGIN DELETE FROM connections; END")
    db.commit()
    db.close()
    assert "the trigger theirs" in refused(file)


def test_a_limit_of_the_size_of_files_is_a_full_disk(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us,
                   command=("prlimit", "--fsize=1000000:unlimited")) as recording:
        def is_stuck():
            for _ in range(20):
                short_connection()
            return "trying again" in recording.said()
        wait_until(is_stuck, timeout_s=20)
        subprocess.run(["prlimit", "--pid", str(recording.process.pid), "--fsize=unlimited"],
                       check=True)
        wait_until(lambda: "is written again, lost meanwhile: 0" in recording.said())
        recording.stop()


@pytest.fixture
def public():
    """A folder that everybody may enter and nobody else may write to."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="ctrack-test-"))
    os.chmod(path, 0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def theirs(public):
    folder = public / "theirs"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    return folder


def test_a_folder_of_another_user(theirs):
    (theirs / "below").mkdir(mode=0o755)
    for db in (theirs / "a.db", theirs / "below" / "a.db", theirs / "below" / "new" / "a.db"):
        assert f"the folder {theirs} belongs to user {NOBODY}" in refused(db)
    assert os.listdir(theirs) == ["below"] and not os.listdir(theirs / "below")


def test_who_called_sudo_is_no_stranger(theirs, public):
    """But only root can say so of himself."""
    caller = ("env", f"SUDO_UID={NOBODY}", f"SUDO_GID={NOBODY}")
    os.chmod(theirs, 0o775)
    with Recording(theirs / "a.db", command=caller, messages=public / "messages") as recording:
        recording.stop()
    for other in (("env", f"SUDO_UID={NOBODY - 1}"), ("env", "SUDO_UID="), ("env", "SUDO_UID=0")):
        assert "belongs to user" in refused(theirs / "a.db", other)
    os.chown(theirs, 0, NOBODY)
    assert f"group {NOBODY} can write to the folder {theirs}" in refused(theirs / "a.db")


def test_a_folder_that_others_can_write_to(public):
    (public / "open").mkdir()
    os.chmod(public / "open", 0o757)
    (public / "open" / "below").mkdir()
    assert f"everybody can write to the folder {public}/open" in refused(public / "open" / "below" / "a.db")
    os.chmod(public / "open", 0o1777)  # as /tmp
    with Recording(public / "open" / "a.db", messages=public / "messages") as recording:
        recording.stop()


def test_links(theirs, public):
    """What root has made is followed, and all that it leads through is looked at."""
    (public / "data").mkdir()
    (public / "way").symlink_to("data")
    (public / "a.db").symlink_to(public / "way" / "real.db")
    with Recording(public / "a.db", messages=public / "messages") as recording:
        recording.stop()
    assert (public / "data" / "real.db").is_file()
    (public / "to-theirs").symlink_to("way/../theirs")
    assert f"the folder {theirs} belongs to user {NOBODY}" in refused(public / "to-theirs" / "a.db")
    (public / "round").symlink_to("round")
    assert "too many symbolic links" in refused(public / "round" / "a.db")


@pytest.mark.parametrize("name", ["a.db", "a.db-wal", "a.db-shm", "folder"])
def test_a_link_of_another_user(public, name):
    """In a folder where everybody may make some."""
    os.chmod(public, 0o1777)
    target = public / "target"
    target.mkdir() if name == "folder" else target.touch()
    os.symlink(target, public / name)
    os.lchown(public / name, NOBODY, NOBODY)
    said = refused(public / "folder" / "a.db" if name == "folder" else public / "a.db")
    assert f"{public}/{name} is a symbolic link of user {NOBODY}" in said or "is no regular file" in said
    assert name == "folder" or target.stat().st_size == 0


def test_a_config_file_that_others_can_write(theirs, public):
    config = public / "c"
    config.write_text("quiet=true\n")

    def said(path=config):
        done = subprocess.run([RECORDER, "--config", path, "--cgroup", "/no/such"],
                              capture_output=True, text=True, timeout=60)
        assert done.stderr.count("\n") == 1
        return done.returncode, done.stderr
    assert said()[0] == 1
    os.chown(config, NOBODY, 0)
    assert said()[0] == 2 and f"belongs to user {NOBODY}" in said()[1]
    (theirs / "c").write_text("quiet=true\n")
    assert said(theirs / "c")[0] == 2 and f"the folder {theirs} belongs to user {NOBODY}" in said(theirs / "c")[1]


def with_readers(folder):
    """The command before the recorder's own that lets it know a group ctrack."""
    groups = folder / "group"
    groups.write_text(pathlib.Path("/etc/group").read_text(encoding="utf-8").replace("\nctrack:", "\nother:")
                      + f"ctrack:x:{READERS}:\n")
    return ("unshare", "--mount", "sh", "-c", f"mount --bind {groups} /etc/group && exec \"$@\"", "sh")


def asked_by(folder, db, *setpriv, command=()):
    """What ctrack-query tells a plain user."""
    program = folder / "ctrack-query"
    if not program.exists():
        shutil.copy(QUERY, program)
    return subprocess.run([*command, "setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), *setpriv, program,
                           "-r", str(db), "sql", "SELECT count(*) FROM connections", "-o", "csv"],
                          capture_output=True, text=True, timeout=60)


def assert_members_read(folder, db, port):
    member = asked_by(folder, db, "--groups", str(READERS))
    assert member.returncode == 0, member.stderr
    assert int(member.stdout.splitlines()[1]) >= 2
    stranger = asked_by(folder, db, "--clear-groups")
    assert stranger.returncode == 1 and stranger.stdout == "" and stranger.stderr.count("\n") == 1
    assert f"cannot read {db}: Permission denied: run as root" in stranger.stderr
    # Of a machine that knows the group:
    told = asked_by(folder, db, "--clear-groups", command=with_readers(folder))
    assert told.stderr.endswith("run as root, or become a member of the group ctrack\n"), told.stderr


def test_members_of_the_group_read(public):
    """While it is recorded, after a crash and after a stop."""
    db = public / "new" / "a.db"
    command, messages = with_readers(public), public / "messages"
    both_ends = "SELECT count(*) = 2 FROM connections WHERE ? IN (local_port, peer_port)"
    with Recording(db, command=command, messages=messages) as recording:
        port = short_connection()
        recording.wait_for(both_ends, port)
        assert {os.stat(f"{db}{suffix}").st_gid for suffix in ("", "-wal", "-shm")} == {READERS}
        assert {mode(f"{db}{suffix}") for suffix in ("", "-wal", "-shm")} == {"0o640"}
        assert os.stat(db.parent).st_gid == READERS and mode(db.parent) == "0o750"
        assert_members_read(public, db, port)
        recording.kill()
    assert os.path.exists(f"{db}-wal")
    assert_members_read(public, db, port)
    with Recording(db, command=command, messages=messages) as recording:
        recording.stop()
    assert_members_read(public, db, port)


def test_a_new_file_is_for_the_group_too(public):
    """Also long after the start, when the recorder has given up what let it change groups."""
    db = public / "a.db"
    with Recording(db, command=with_readers(public), messages=public / "messages") as recording:
        recording.wait_for("SELECT count(*) > 0 FROM recordings")
        os.rename(db, public / "old.db")
        wait_until(lambda: db.exists() and "recording into a new file" in recording.said())
        assert os.stat(db).st_gid == READERS
        recording.stop()


def test_a_group_that_somebody_has_chosen_stays(public):
    db = public / "a.db"
    Recording(db, messages=public / "messages").stop()
    os.chown(db, 0, NOBODY)
    Recording(db, command=with_readers(public), messages=public / "messages").stop()
    assert os.stat(db).st_gid == NOBODY
    os.chown(db, 0, 0)
    Recording(db, command=with_readers(public), messages=public / "messages").stop()
    assert os.stat(db).st_gid == READERS
