# SPDX-License-Identifier: Apache-2.0
"""snapshot --anonymize: nothing of the original addresses and names is in the bytes."""
import ipaddress
import itertools
import shutil
import sqlite3
import subprocess

import pytest

from files import S, check_whole, column, report, rows, run
from query_driver import QUERY, make_file, run_query
from test_errors import check_failure

EVERYWHERE = ("127.0.0.1", "0.0.0.0", "::", "::1")


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(bytes(range(32)))
    path.chmod(0o600)
    return path


@pytest.fixture
def hidden(fixture_path, tmp_path, key):
    path = tmp_path / "hidden.db"
    run("-r", fixture_path, "snapshot", "--anonymize", key, "-o", path)
    return path


def addresses(path):
    return {address for table in ("connections", "listeners")
            for name in ("local_address", "peer_address")
            if name == "local_address" or table == "connections"
            for address in column(path, f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL")}


def names(path):
    found = set()
    for table, columns in (("processes", ("comm", "exe", "cmdline")),
                           ("cgroups", ("path", "container_id", "systemd_unit", "systemd_slice",
                                       "systemd_user_unit")),
                           ("recordings", ("hostname", "host_id", "boot_id", "options"))):
        for name in columns:
            found |= {text for text in column(path, f"SELECT {name} FROM {table}") if text}
    parts = {part for text in found for part in text.split("/")}
    parts |= {part for text in found for part in text.split()}
    return {text for text in found | parts if text != "/" and len(text) > 2}


def forms_of_address(text):
    """As text and as bytes; small bytes are everywhere in a file."""
    address = ipaddress.ip_address(text)
    yield text.encode()
    yield text.encode("utf-16-le")
    yield address.exploded.encode()
    packed = address.packed
    if len({byte for byte in packed if byte > 15}) > 2:
        yield packed
        yield packed[::-1]
    yield packed.hex().encode()
    yield packed.hex().upper().encode()


@pytest.fixture
def empty(tmp_path):
    path = tmp_path / "empty.db"
    make_file(path, "")
    return path.read_bytes()


def test_no_address_is_left(fixture_path, hidden, empty):
    content = hidden.read_bytes()
    assert len(addresses(fixture_path)) > 15
    for address in addresses(fixture_path) - set(EVERYWHERE):
        for form in forms_of_address(address):
            assert content.count(form) <= empty.count(form), (address, form)


def test_no_name_is_left(fixture_path, hidden, empty):
    """Some are words of the schema's comments as well: these stand in an empty file too."""
    content = hidden.read_bytes()
    assert len(names(fixture_path)) > 40
    for name in names(fixture_path) - {".service", ".scope", ".slice"} - set(EVERYWHERE):
        for form in (name.encode(), name.encode("utf-16-le"), name.encode().hex().encode()):
            assert content.count(form) <= empty.count(form), name


def test_the_test_would_find_them(fixture_path, empty):
    content = fixture_path.read_bytes()
    for text in (addresses(fixture_path) | {"rsync", "web1", "php-fpm: pool www"}) - set(EVERYWHERE):
        assert content.count(text.encode()) > empty.count(text.encode())


def test_prefixes_are_kept(fixture_path, hidden):
    def common(a, b):
        a, b = (ipaddress.ip_address(text) for text in (a, b))
        return a.max_prefixlen - (int(a) ^ int(b)).bit_length()
    pairs = set()
    for name in ("local_address", "peer_address"):
        before = rows(fixture_path, f"SELECT id, {name} FROM connections ORDER BY id")
        after = rows(hidden, f"SELECT id, {name} FROM connections ORDER BY id")
        pairs |= {(a[1], b[1]) for a, b in zip(before, after)
                  if a[1] not in (None, *EVERYWHERE)}
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    for one, other in itertools.combinations(pairs, 2):
        if (":" in one[0]) == (":" in other[0]):
            assert common(one[0], other[0]) == common(one[1], other[1])


def test_all_else_stays(fixture_path, hidden):
    check_whole(hidden)
    assert run("verify", hidden).returncode == 0
    for sql in ("SELECT id, process_id, cgroup_id, local_port, peer_port, opened_us, closed_us, outcome, "
                "bytes_sent FROM connections", "SELECT * FROM events", "SELECT * FROM rtt_samples",
                "SELECT id, pid, uid, started_us, comm IS NULL, exe IS NULL FROM processes",
                "SELECT count(DISTINCT comm), count(DISTINCT exe) FROM processes"):
        assert rows(hidden, sql) == rows(fixture_path, sql)
    assert column(hidden, "SELECT anonymize_level FROM snapshots") == ["strict", "strict"]
    assert set(column(hidden, "SELECT local_address FROM listeners")) >= {"0.0.0.0", "::", "127.0.0.1"}


def test_sums_too(fixture_path, tmp_path, key):
    """Of a part they are made anew, of all they are copied."""
    whole, again, part = (tmp_path / name for name in ("whole.db", "again.db", "part.db"))
    run("merge", "-o", whole, fixture_path, fixture_path)  # makes sums
    run("-r", whole, "snapshot", "--anonymize", key, "-o", again)
    run("-r", whole, "snapshot", "--anonymize", key, "-b", 1795266000, "-o", part)
    for path in (again, part):
        assert column(path, "SELECT count(*) > 5 FROM traffic_sums") == [1]
        assert set(rows(path, "SELECT comm, peer_address FROM traffic_sums")) <= set(rows(
            path, "SELECT coalesce(comm, ''), coalesce(peer_address, '') FROM connection_log"))


def test_one_key_one_mapping(fixture_path, hidden, tmp_path, key):
    again, other = tmp_path / "again.db", tmp_path / "other.db"
    run("-r", fixture_path, "snapshot", "--anonymize", key, "-b", 1795266000, "-o", again)
    assert set(column(again, "SELECT comm FROM processes")) <= set(
        column(hidden, "SELECT comm FROM processes"))
    assert addresses(again) <= addresses(hidden)
    key.write_bytes(bytes(range(1, 33)))
    run("-r", fixture_path, "snapshot", "--anonymize", key, "-o", other)
    assert addresses(other) & addresses(hidden) <= set(EVERYWHERE)
    assert not set(column(other, "SELECT comm FROM processes WHERE id > 0")) & set(
        column(hidden, "SELECT comm FROM processes WHERE id > 0"))


def changed(fixture_path, tmp_path, statements):
    path = tmp_path / "changed.db"
    shutil.copy(fixture_path, path)
    db = sqlite3.connect(path)
    db.executescript(statements)
    db.close()
    return path


def test_fails_closed(fixture_path, tmp_path, key):
    """Whatever stands where a word, an address or an id should be does not go along."""
    source, hidden = tmp_path / "changed.db", tmp_path / "hidden.db"
    changed(fixture_path, tmp_path, """
        UPDATE connections SET local_address = '127.0.0.1secret', peer_address = 'secret host',
          requested_address = '10.0.0.1' || char(10) || 'secret', nat_peer_address = '::1 secret',
          interface = 'secret0', congestion = 'secret_cc', ulp = 'secret';
        UPDATE listeners SET local_address = '0.0.0.0 secret', interface = 'secret1';
        UPDATE recordings SET kernel = '6.1.0-secret', ctrack_version = '0.1-secret',
          clock = 'secret', rtt_mode = 'secret', host_id = 'secret id', boot_id = 'secret',
          options = 'db=/secret';
        UPDATE cgroups SET container_id = 'secret container', systemd_unit = 'secret.service';
        UPDATE traffic_sums SET peer_address = 'secret', comm = 'secret'
          WHERE begin_us = (SELECT min(begin_us) FROM traffic_sums)
            AND service_port = (SELECT min(service_port) FROM traffic_sums) AND direction = 'active';
        UPDATE minutes SET comm = 'secret', rtts = '{"1":2,"secret":3}';
        UPDATE event_kinds SET description = 'secret', value = 'secret';
        UPDATE errnos SET description = 'secret';
        INSERT INTO errnos VALUES (4000, 'secret', 'secret');""")
    run("-r", source, "snapshot", "--anonymize", key, "-o", hidden)
    assert b"secret" in source.read_bytes()
    assert b"secret" not in hidden.read_bytes()
    assert column(hidden, "SELECT DISTINCT kernel FROM recordings") == ["6.1"]
    for table in ("event_kinds", "errnos", "tcp_states"):
        assert rows(hidden, f"SELECT * FROM {table}") == rows(fixture_path, f"SELECT * FROM {table}")


@pytest.mark.parametrize("name", ["outcome", "direction", "pid_source", "start_kind", "closed_by"])
def test_a_word_that_is_not_ours_is_refused(fixture_path, tmp_path, key, name):
    source = changed(fixture_path, tmp_path, "PRAGMA ignore_check_constraints = 1;"
                                             f"UPDATE connections SET {name} = 'secret' WHERE id = 5")
    check_failure(run_query("-r", source, "snapshot", "--anonymize", key, "-o", tmp_path / "x.db"), 1,
                  "cannot write connections", name)
    assert not (tmp_path / "x.db").exists()


def test_text_where_a_number_belongs(fixture_path, tmp_path, key):
    """Only a plain file can have it."""
    plain, hidden = tmp_path / "changed.db", tmp_path / "hidden.db"
    run("-r", fixture_path, "snapshot", "--plain", "-o", plain.with_name("plain.db"))
    changed(plain.with_name("plain.db"), tmp_path,
            "UPDATE connections SET bytes_sent = 'secret', cookie = 'secret', mss = x'736563726574'")
    arguments = ("-r", plain, "snapshot", "--anonymize", key, "-o", hidden)
    check_failure(run_query(*arguments), 1, "cannot write connections")
    run(*arguments, "--plain")
    content = hidden.read_bytes()
    assert b"secret" not in content and b"736563726574" not in content


def test_ids_of_the_host_are_others(fixture_path, tmp_path, key):
    source, hidden = tmp_path / "changed.db", tmp_path / "hidden.db"
    changed(fixture_path, tmp_path, "UPDATE connections SET interface = 'eth0' WHERE id < 5;"
                                    "UPDATE connections SET congestion = 'bbr' WHERE id < 5")
    run("-r", source, "snapshot", "--anonymize", key, "-o", hidden)
    for sql in ("SELECT cookie FROM connections", "SELECT netns FROM connections",
                "SELECT kernel_id FROM cgroups", "SELECT boot_id FROM recordings",
                "SELECT host_id FROM recordings", "SELECT interface FROM connections",
                "SELECT cookie FROM listeners", "SELECT netns FROM listeners",
                "SELECT netns FROM netns_counters"):
        before, after = (set(column(path, f"{sql} ORDER BY 1")) - {None, 0}
                         for path in (source, hidden))
        assert len(before) == len(after) > 0 and not before & after, sql
    same = "SELECT count(*) FROM connections c JOIN listeners l ON l.netns = c.netns"
    assert column(hidden, same) == column(source, same)
    same = "SELECT count(*) FROM netns_counters n JOIN listeners l ON l.netns = n.netns"
    assert column(hidden, same) == column(source, same) == [8]
    assert set(column(hidden, "SELECT congestion FROM connections WHERE id < 5")) == {"bbr"}


def test_level_names(fixture_path, tmp_path, key):
    """Names that many hosts have stay; what is said of the host does not."""
    path, kept = tmp_path / "names.db", {"nginx", "curl", "sshd", "postgres", "python3"}
    source = changed(fixture_path, tmp_path, "UPDATE recordings SET hostname = 'nginx';"
                                             "UPDATE processes SET comm = 'acme' WHERE id = 1")
    result = run("-r", source, "snapshot", "--anonymize", key, "--anonymize-level", "names", "-o", path)
    (said,) = [line for line in result.stderr.decode().splitlines() if "names that stay" in line]
    names = set(column(path, "SELECT comm FROM processes WHERE id > 0"))
    assert kept <= names and "acme" not in names
    assert kept <= set(said.split(": ")[-1].split(", "))
    assert "/usr/sbin/nginx" in column(path, "SELECT exe FROM processes")
    assert "nginx.service" in column(path, "SELECT systemd_unit FROM cgroups")
    assert column(path, "SELECT DISTINCT hostname = 'nginx' FROM recordings") == [0]
    assert not set(column(path, "SELECT cmdline FROM processes WHERE cmdline NOTNULL")) & set(
        column(source, "SELECT cmdline FROM processes"))
    assert not (addresses(path) - set(EVERYWHERE)) & addresses(source)


def test_the_level_is_told(fixture_path, hidden, tmp_path, key):
    """Of a file that was cut again it is the stricter one."""
    def level(path):
        (info,) = report(path, "info")
        assert {row["anonymize_level"] for row in report(path, "recordings")} == {
            None if info["anonymized"] == "no" else info["anonymized"]}
        return info["anonymized"]

    def again(source, *arguments):
        path = tmp_path / f"cut{len(list(tmp_path.iterdir()))}.db"
        run("-r", source, "snapshot", "-o", path, *arguments)
        return path
    names = again(fixture_path, "--anonymize", key, "--anonymize-level", "names")
    assert (level(fixture_path), level(hidden), level(names)) == ("no", "strict", "names")
    assert level(again(fixture_path)) == "no"
    assert level(again(names)) == "names"
    assert level(again(names, "--anonymize", key)) == "strict"
    assert level(again(hidden, "--anonymize", key, "--anonymize-level", "names")) == "strict"


@pytest.mark.parametrize("arguments, words", [
    (("--anonymize-level", "names"), ["needs --anonymize"]),
    (("--anonymize-level", "lax", "--anonymize", "KEY"), ["bad --anonymize-level 'lax'", "strict, names"])])
def test_bad_levels(fixture_path, tmp_path, key, arguments, words):
    arguments = [key if word == "KEY" else word for word in arguments]
    check_failure(run_query("-r", fixture_path, "snapshot", "-o", tmp_path / "x.db", *arguments), 2,
                  *words)


def test_bad_keys(fixture_path, tmp_path, key):
    def fails(path, *words):
        result = run_query("-r", fixture_path, "snapshot", "-o", tmp_path / "x.db", "--anonymize", path)
        check_failure(result, 1, *words)
        assert not (tmp_path / "x.db").exists()
    fails(tmp_path / "none", "none", "No such file", "/dev/urandom")
    fails(tmp_path, "cannot read the key")
    fails("/dev/urandom", "/dev/urandom", "not secret")
    for content, words in ((b"", ("too short",)), (b"short", ("too short", "/dev/urandom")),
                           (bytes(range(256)) * 17, ("too long",)),
                           (bytes(32), ("can be guessed", "only 1 of its bytes")),
                           (b"abcdefg" * 100, ("can be guessed", "only 7"))):
        key.write_bytes(content)
        fails(key, *words)
    key.write_bytes(bytes(range(32)))
    for mode in (0o640, 0o604, 0o622, 0o601):
        key.chmod(mode)
        fails(key, "not secret", f"{mode:04o}", f"chmod 600 {key}")


def test_a_key_from_a_pipe(fixture_path, hidden, tmp_path, key):
    path = tmp_path / "piped.db"
    subprocess.run(["bash", "-c", '"$0" -r "$1" snapshot -o "$2" --anonymize <(cat "$3")',
                    QUERY, fixture_path, path, key], check=True)
    assert addresses(path) == addresses(hidden)
