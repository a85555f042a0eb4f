# SPDX-License-Identifier: Apache-2.0
"""Which two rows the report pairs takes for the ends of one connection."""
import json
import sqlite3
import time

import pytest

from query_driver import Query, recording, sum_up

START, END = 1_795_266_000_000_000, 1_795_267_000_000_000
CLIENT, SERVER = ("10.0.0.1", 40000), ("10.0.0.2", 80)
COLUMNS = ("id", "direction", "local_address", "local_port", "peer_address", "peer_port", "netns",
           "opened_us", "closed_us", "outcome", "start_kind", "bytes_sent", "bytes_received",
           "established_us", "ifindex", "nat_local_address", "nat_local_port", "nat_peer_address",
           "nat_peer_port")


def end(direction, local, peer, opened, closed, *, netns=1, outcome="closed", start="seen",
        sent=0, received=0, established=None, ifindex=None, nat_local=(None, None),
        nat_peer=(None, None)):
    return (direction, *local, *peer, netns, START + opened, closed and START + closed,
            outcome, start, sent, received, established and START + established, ifindex,
            *nat_local, *nat_peer)


def client(opened, closed, **others):
    return end(others.pop("direction", "active"), CLIENT, SERVER, opened, closed, **others)


def server(opened, closed, **others):
    return end(others.pop("direction", "passive"), SERVER, CLIENT, opened, closed, **others)


def write(path, ends):
    db = sqlite3.connect(path)
    db.execute(recording(START, END, "stopped"))
    marks = ", ".join("?" * len(COLUMNS))
    db.executemany(
        f"INSERT INTO connections ({', '.join(COLUMNS)}, recording_id, cookie, generation, family, "
        f"pid_source) VALUES ({marks}, 1, 1, 1, 4, 'unknown')",
        ((i, *values) for i, values in enumerate(ends, 1)))
    sum_up(db)
    db.commit()
    db.close()


@pytest.fixture
def pairs(new_file):
    def run(*ends, window=()):
        path = new_file()
        write(path, ends)
        result = Query(path)("pairs", "-o", "json", "-n", "0", *window)
        assert result.returncode == 0, result.stderr
        return sorted((row["client_id"], row["server_id"]) for row in json.loads(result.stdout))
    return run


def test_mirrored_addresses(pairs):
    assert pairs(client(0, 900), server(50, 905)) == [(1, 2)]


def test_across_namespaces_and_ids_in_any_order(pairs):
    assert pairs(server(50, 905, netns=2), client(0, 900)) == [(2, 1)]


SERVICE, GATEWAY = ("10.96.0.1", 80), ("10.0.0.3", 60000)


def test_an_address_that_is_translated_on_the_way(pairs):
    assert pairs(end("active", CLIENT, SERVICE, 0, 900, nat_peer=SERVER),
                 server(50, 905, nat_local=SERVICE)) == [(1, 2)]


def test_both_addresses_are_translated_on_the_way(pairs):
    assert pairs(end("active", CLIENT, SERVICE, 0, 900, nat_peer=SERVER, nat_local=GATEWAY),
                 end("passive", SERVER, GATEWAY, 50, 905)) == [(1, 2)]


def test_translated_to_another_server(pairs):
    assert pairs(end("active", CLIENT, SERVICE, 0, 900, nat_peer=("10.0.0.9", 80)),
                 server(50, 905)) == []


def test_a_service_that_leads_back_to_its_client(pairs):
    """The client is the backend of the service that it asks for."""
    own = (CLIENT[0], 80)
    assert pairs(end("active", CLIENT, SERVICE, 0, 900, nat_peer=own, nat_local=GATEWAY),
                 end("passive", own, GATEWAY, 50, 905)) == [(1, 2)]


def test_a_simultaneous_open(pairs):
    assert pairs(client(10, 900, established=60),
                 server(0, 905, established=60, direction="active")) == [(2, 1)]


def test_two_that_connected_but_not_to_each_other(pairs):
    assert pairs(client(0, 900), server(10, 905, direction="active")) == []


@pytest.mark.parametrize("links", [(3, 4), (4, 3)])
def test_one_namespace_with_the_same_addresses_on_two_links(pairs, links):
    """The same addresses and ports on both, and nothing else that tells them apart."""
    expected = [(1, 3), (2, 4)] if links == (3, 4) else [(1, 4), (2, 3)]
    assert pairs(client(0, 900, ifindex=3), client(0, 900, ifindex=4),
                 server(50, 905, ifindex=links[0]), server(50, 905, ifindex=links[1])) == expected


def test_a_client_bound_to_an_interface_and_a_server_that_is_not(pairs):
    assert pairs(client(0, 900, ifindex=3), server(50, 905)) == [(1, 2)]


def test_a_port_used_again_and_again(pairs):
    ends = []
    for opened in range(0, 100_000, 1000):
        ends += [client(opened, opened + 800), server(opened + 50, opened + 810)]
    assert pairs(*ends) == [(i, i + 1) for i in range(1, 201, 2)]


def test_an_end_whose_partner_was_lost_stays_alone(pairs):
    assert pairs(client(0, 800), server(1050, 1810), client(2000, 2800), server(2050, 2810)) == [
        (3, 4)]


def test_a_server_that_accepts_when_the_client_has_reset(pairs):
    assert pairs(client(0, 100, outcome="reset"), server(150, 160, outcome="reset")) == [(1, 2)]


def test_not_much_later(pairs):
    assert pairs(client(0, 100, outcome="reset"), server(1_500_000, 1_500_160)) == []


def test_deferred_accept(pairs):
    assert pairs(client(0, 20_000_000), server(15_000_000, 20_000_010)) == [(1, 2)]


def test_open_and_lost_ends(pairs):
    assert pairs(client(0, None, outcome="open"), server(50, None, outcome="lost")) == [(1, 2)]


def test_same_addresses_in_two_pairs_of_namespaces(pairs):
    assert pairs(client(0, 9000, netns=1), server(50, 9005, netns=3),
                 client(70, 9000, netns=2), server(120, 9005, netns=4)) == [(1, 2), (3, 4)]


def test_bytes_tell_namespaces_apart(pairs):
    assert pairs(client(0, 9000, netns=1, sent=5, received=70),
                 client(10, 9000, netns=2, sent=6, received=80),
                 server(50, 9005, netns=3, sent=80, received=6),
                 server(55, 9005, netns=4, sent=70, received=5)) == [(1, 4), (2, 3)]


def test_loopback_stays_in_its_namespace(pairs):
    here, there = ("127.0.0.1", 40000), ("127.0.0.2", 80)
    assert pairs(end("active", here, there, 0, 900, netns=1),
                 end("active", here, there, 40, 900, netns=2),
                 end("passive", there, here, 50, 905, netns=1),
                 end("passive", there, here, 90, 905, netns=2),
                 end("passive", there, here, 41, 905, netns=3)) == [(1, 3), (2, 4)]


@pytest.mark.parametrize("directions", [
    ("active", "passive"), ("unknown", "passive"), ("active", "unknown"), ("unknown", "unknown")])
@pytest.mark.parametrize("opened", [(0, 50), (50, 0), (90_000_000, 0)])
def test_preexisting(pairs, directions, opened):
    assert pairs(client(opened[0], None, start="preexisting", outcome="open",
                        direction=directions[0]),
                 server(opened[1], None, start="preexisting", outcome="open",
                        direction=directions[1])) == [(1, 2)]


@pytest.mark.parametrize("copies", [2, 4])
def test_preexisting_are_told_apart_by_their_bytes(pairs, copies):
    """A test bed several times over, found one kind of namespace after the other."""
    same = {"start": "preexisting", "outcome": "open"}
    assert pairs(*(client(i, None, netns=i, sent=500 * i, received=70 * i, **same)
                   for i in range(copies)),
                 *(server(9 + i, None, netns=9 + i, sent=70 * (copies - 1 - i),
                          received=500 * (copies - 1 - i) - 20 * (i == 0), **same)
                   for i in range(copies))) == [(1 + i, 2 * copies - i) for i in range(copies)]


def test_preexisting_then_the_port_again(pairs):
    assert pairs(client(0, 1000, start="preexisting"), server(10, 1010, start="preexisting"),
                 client(2000, 2500), server(2050, 2510)) == [(1, 2), (3, 4)]


def test_not_a_pair(pairs):
    itself = end("active", CLIENT, CLIENT, 0, 900)
    assert pairs(itself, itself, server(0, 900), server(0, 900),
                 end("active", CLIENT, ("10.0.0.9", 80), 0, 900)) == []


def test_both_ends_alive_in_the_window(pairs):
    ends = client(0, 1_000_000), server(50, 9_000_000)
    assert pairs(*ends, window=("-b", "1795266000500000", "-e", "1795266002000000")) == [(1, 2)]


def test_one_end_alive_is_not_enough(pairs):
    ends = client(0, 1_000_000), server(50, 9_000_000)
    assert pairs(*ends, window=("-b", "1795266005000000", "-e", "1795266006000000")) == []


@pytest.mark.parametrize("ports", [1, 100, 20_000])
def test_effort_grows_with_the_number_of_connections(pairs, ports):
    """Not with its square: be it one port used again and again or many."""
    ends = []
    for i in range(20_000):
        local, opened = ("127.0.0.1", 20_000 + i % ports), i * 1000
        ends += [end("active", local, SERVER, opened, opened + 800),
                 end("passive", SERVER, local, opened + 50, opened + 810)]
    start = time.monotonic()
    assert len(pairs(*ends)) == 20_000
    assert time.monotonic() - start < 30
