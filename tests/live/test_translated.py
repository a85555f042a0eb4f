# SPDX-License-Identifier: Apache-2.0
"""Addresses that are translated on the way, by conntrack or by BPF programs on connect()."""

import socket
import struct
import subprocess

import pytest

from namespaces import ADDRESSES, ends_in, namespaces
from other_programs import another_program
from recording import Recording, wait_until_settled

NAT = """
table inet nat {{
  chain out {{ type nat hook {hook} priority -100; {rule}; }}
  chain back {{ type nat hook postrouting priority 100; {masquerade}; }}
}}
"""
PORT = 8080


@pytest.fixture
def recording(tmp_path):
    """One that asks in all network namespaces."""
    with Recording(tmp_path / "test.db", "--namespaces", "always") as running:
        yield running


def translate(namespace, rule, hook="output", masquerade=""):
    done = subprocess.run(["nft", "-c", "-f", "-"], text=True, capture_output=True,
                          input=NAT.format(hook=hook, rule=rule, masquerade=masquerade))
    if done.returncode != 0 and "not supported" in done.stderr:
        pytest.skip("the kernel has no NAT in nft")
    namespace.run("nft", "-f", "-", text=NAT.format(hook=hook, rule=rule, masquerade=masquerade))


ANSWER = """
connection, _ = listener.accept()
connection.sendall(connection.recv(100, socket.MSG_WAITALL) * 2)
connection.close()
input()
"""


def ask(namespace, address):
    """Sends 100 bytes, receives 200, and is closed by the other end first."""
    with namespace.connect(address) as client:
        client.sendall(b"q" * 100)
        while client.recv(1000):
            pass


def are_a_pair(recording, client, server):
    assert (client["id"], server["id"]) in recording.partners()
    for one, other in ((client, server), (server, client)):
        assert recording.report("connection", str(one["id"]))[0]["other_end"] == other["id"]
    return True


def nat_of(row):
    return (row["nat_local_address"], row["nat_local_port"], row["nat_peer_address"],
            row["nat_peer_port"])


@pytest.mark.parametrize("family", [0, 1], ids=["IPv4", "IPv6"])
def test_a_service_whose_backend_is_on_this_host(recording, near_and_far, family):
    near, _ = near_and_far
    own = ADDRESSES["near"][family]
    service = ("10.7.0.96", "fd07::96")[family]
    translate(near, f"{('ip', 'ip6')[family]} daddr {service} tcp dport 80 "
              f"dnat {('ip', 'ip6')[family]} to {('%s:%d', '[%s]:%d')[family] % (own, PORT)}")
    with near.server((own, PORT), ANSWER):
        ask(near, (service, 80))
        recording.stop()
    client, server = ends_in(recording, near)
    assert (client["peer_address"], client["peer_port"]) == (service, 80)
    assert nat_of(client) == (None, None, own, PORT)
    assert (server["local_address"], server["local_port"]) == (own, PORT)
    assert nat_of(server) == (service, 80, None, None)
    assert are_a_pair(recording, client, server)
    (story,) = recording.report("connection", str(client["id"]))
    assert f"the peer is {story['nat_peer']}" in story["translated"]


def test_what_is_translated_in_another_namespace_is_not_known_by_default(tmp_path, near_and_far):
    near, _ = near_and_far
    translate(near, f"ip daddr 10.7.0.96 tcp dport 80 dnat ip to 10.7.0.1:{PORT}")
    with near:
        inside = Recording(tmp_path / "inside.db")
    with inside, Recording(tmp_path / "a.db") as outside:
        wait_until_settled(inside)
        wait_until_settled(outside)
        with near.server(("10.7.0.1", PORT), ANSWER):
            ask(near, ("10.7.0.96", 80))
            inside.stop(), outside.stop()
    assert nat_of(ends_in(inside, near)[0])[2:] == ("10.7.0.1", PORT)
    assert [nat_of(row) for row in ends_in(outside, near)] == [(None,) * 4] * 2


@pytest.fixture
def routed():
    """Three namespaces: a client's, a router's and a server's."""
    with namespaces(3) as (client, router, server):
        for end, name, net in ((client, "client", "10.8.1"), (server, "server", "10.8.2")):
            with router:
                subprocess.run(["ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name",
                                name, "netns", f"/proc/self/fd/{end.inside}"], check=True,
                               pass_fds=[end.inside])
            router.run("ip", "addr", "add", f"{net}.1/24", "dev", f"to-{name}")
            router.run("ip", "link", "set", f"to-{name}", "up")
            end.run("ip", "addr", "add", f"{net}.2/24", "dev", name)
            end.run("ip", "link", "set", name, "up")
            end.run("ip", "route", "add", "default", "via", f"{net}.1")
        router.sysctl("ipv4/ip_forward", 1)
        yield client, router, server


def test_translated_by_the_router_between_two_containers(tmp_path, routed):
    """The recorder runs where the packets of both are routed, as on a container host."""
    near, router, far = routed
    translate(router, f"ip daddr 10.96.0.1 tcp dport 80 dnat ip to 10.8.2.2:{PORT}", "prerouting",
              "ip daddr 10.8.2.2 tcp dport 8080 masquerade to :61000-61009")
    with router:
        recording = Recording(tmp_path / "a.db")
    with recording, far.server(("10.8.2.2", PORT), ANSWER), near.server(("127.0.0.1", 1)):
        ask(near, ("10.96.0.1", 80))
        recording.stop()
        client, server = ends_in(recording, near, far)
    assert client["nat_local_address"] == server["peer_address"] == "10.8.2.1"
    assert client["nat_local_port"] == server["peer_port"] in range(61000, 61010)
    assert nat_of(client)[2:] == ("10.8.2.2", PORT)
    assert nat_of(server) == ("10.96.0.1", 80, "10.8.1.2", client["local_port"])
    assert are_a_pair(recording, client, server)


def test_tracked_but_not_translated(recording, near_and_far):
    near, far = near_and_far
    near.nft("ct state invalid drop")
    with far.server((ADDRESSES["far"][0], PORT), ANSWER), near.server(("127.0.0.1", 1)):
        ask(near, (ADDRESSES["far"][0], PORT))
        recording.stop()
    client, server = ends_in(recording, near, far)
    assert nat_of(client) == nat_of(server) == (None,) * 4
    assert are_a_pair(recording, client, server)


def network_order(address):
    return ", ".join(f"{word}U" for word in struct.unpack(
        f"={len(address) // 4}I", address))


REWRITE = {
    socket.AF_INET: ("10.96.0.1", "127.0.0.1", "connect4", """
        if (address->user_ip4 == %s && address->user_port == %d)
            { address->user_ip4 = %s; address->user_port = %d; }"""),
    socket.AF_INET6: ("fd96::1", "::1", "connect6", """
        __u32 from[4] = {%s}, to[4] = {%s};
        if (address->user_ip6[0] == from[0] && address->user_ip6[3] == from[3] &&
            address->user_port == %d) { address->user_ip6[0] = to[0]; address->user_ip6[1] = to[1];
            address->user_ip6[2] = to[2]; address->user_ip6[3] = to[3];
            address->user_port = %d; }""")}


def rewriting(family, port):
    """Text of a program that leads port 80 of the service to the port here."""
    service, here, hook, text = REWRITE[family]
    source, target = (network_order(socket.inet_pton(family, a)) for a in (service, here))
    ports = socket.htons(80), socket.htons(port)
    values = ((source, ports[0], target, ports[1]) if family == socket.AF_INET
              else (source, target, *ports))
    return {"does": text % values, "hook": hook}


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("family", REWRITE, ids=["IPv4", "IPv6"])
def test_what_a_program_on_connect_has_changed(tmp_path, cgroup, only_us, family, order):
    service, here = REWRITE[family][:2]
    with socket.create_server((here, 0), family=family) as listener:
        port = listener.getsockname()[1]
        program = another_program(tmp_path, cgroup, "multi", **rewriting(family, port))
        recorder = [Recording(tmp_path / "a.db", *only_us)] if order == "after" else []
        with program:
            with (recorder or [Recording(tmp_path / "a.db", *only_us)])[0] as recording:
                with socket.create_connection((service, 80)) as client:
                    server, _ = listener.accept()
                    assert client.getpeername()[:2] == (here, port)
                    server.close()
                with socket.create_connection((here, port)):
                    listener.accept()[0].close()
                recording.stop()
    changed, direct = recording.rows(
        "SELECT * FROM connections WHERE direction = 'active' ORDER BY id")
    assert (changed["peer_address"], changed["peer_port"]) == (here, port)
    assert (changed["requested_address"], changed["requested_port"]) == (service, 80)
    assert (direct["requested_address"], direct["requested_port"]) == (None, None)
    assert recording.value("SELECT count(*) FROM connections WHERE direction = 'passive' "
                           "AND requested_address IS NULL") == 2


def test_any_address_of_this_host_is_no_change(recording, namespace):
    """connect() to 0.0.0.0 leads to 127.0.0.1, which no program has done."""
    with namespace.listen() as listener:
        namespace.connect(("0.0.0.0", listener.getsockname()[1])).close()
        recording.stop()
    client, _ = ends_in(recording, namespace)
    assert (client["peer_address"], client["requested_address"]) == ("127.0.0.1", None)
