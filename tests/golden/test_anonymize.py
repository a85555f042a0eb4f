# SPDX-License-Identifier: Apache-2.0
"""snapshot --anonymize: nothing of the original addresses and names is in the bytes."""
import ipaddress
import itertools

import pytest

from files import S, check_whole, column, rows, run
from query_driver import make_file, run_query
from test_errors import check_failure

EVERYWHERE = ("127.0.0.1", "0.0.0.0", "::", "::1")


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(bytes(range(32)))
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
    assert column(hidden, "SELECT is_anonymized FROM snapshots") == [1, 1]
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


def test_bad_keys(fixture_path, tmp_path, key):
    def fails(path, *words):
        result = run_query("-r", fixture_path, "snapshot", "-o", tmp_path / "x.db", "--anonymize", path)
        check_failure(result, 1, *words)
        assert not (tmp_path / "x.db").exists()
    fails(tmp_path / "none", "none", "No such file")
    key.write_bytes(b"short")
    fails(key, "too short", "/dev/urandom")
    fails(tmp_path, "cannot read the key")
