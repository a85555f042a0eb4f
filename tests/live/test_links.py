# SPDX-License-Identifier: Apache-2.0
"""Sockets of one interface: bound to it, of a link-local address, or of a VRF."""

import contextlib
import os
import socket
import subprocess

import pytest

from namespaces import ends_in, error_of, rows_in

PORT = 8000


def bind_to(sock, interface):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())


def test_bound_to_an_interface(recording, namespace):
    listener = namespace.listen()
    client = namespace.socket()
    bind_to(client, "lo")
    client.connect(listener.getsockname())
    listener.accept()[0].close()
    recording.stop()
    client_row, server_row = ends_in(recording, namespace)
    assert (client_row["ifindex"], client_row["interface"]) == (1, "lo")
    assert (server_row["ifindex"], server_row["interface"]) == (None, None)
    (row,) = recording.report("connections", "interface lo and netns", str(namespace.inode))
    assert row["local_address"] == "127.0.0.1%lo"
    assert (client_row["id"], server_row["id"]) in recording.partners()
    client.close()
    listener.close()


def test_a_listener_and_an_attempt_are_bound_too(recording, namespace):
    with namespace, socket.socket() as listener:
        bind_to(listener, "lo")
        listener.bind(("127.0.0.1", 0))
        listener.listen()
    namespace.run("ip", "link", "set", "lo", "down")
    with namespace.socket() as client:
        bind_to(client, "lo")
        # If it were up, the kernel would send SYNs to nobody until it gives up after two minutes.
        assert error_of(client.connect, ("192.0.2.1", 80)) == "ENETUNREACH"
    recording.stop()
    here = namespace.is_here
    assert recording.rows(f"SELECT ifindex, interface FROM listener_log WHERE {here}") == [
        {"ifindex": 1, "interface": "lo"}]
    if recording.value("SELECT connect_errors FROM recordings") != "none":
        (attempt,) = rows_in(recording, namespace)
        assert (attempt["ifindex"], attempt["interface"]) == (1, "lo")
        assert attempt["generation"] == 0


def test_interfaces_in_one_place_of_the_kernels_table(recording, namespace):
    """The last bits of their numbers choose it. lo has the number 1."""
    namespace.run("ip", "link", "add", "first", "index", "257", "type", "veth",
                  "peer", "name", "second", "index", "513")
    with contextlib.ExitStack() as stack:
        for name in ("lo", "first", "second"):
            listener = stack.enter_context(namespace.socket())
            bind_to(listener, name)
            listener.bind(("127.0.0.1", 0))
            listener.listen()
    recording.stop()
    rows = recording.rows(f"SELECT DISTINCT ifindex, interface FROM listener_log "
                          f"WHERE {namespace.is_here} ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [(1, "lo"), (257, "first"), (513, "second")]


def link(near, far, number):
    """One more, with the same link-local addresses as all others."""
    names = f"near{number}", f"far{number}"
    near.run("ip", "link", "add", names[0], "type", "veth", "peer", "name", names[1],
             "netns", f"/proc/{os.getpid()}/fd/{far.inside}")
    for namespace, name, address in zip((near, far), names, ("fe80::1", "fe80::2")):
        namespace.run("ip", "link", "set", name, "addrgenmode", "none", "up")
        namespace.run("ip", "addr", "add", f"{address}/64", "dev", name, "nodad")
    return names


def connect_over(namespace, interface, local_port):
    with namespace:
        scope = socket.if_nametoindex(interface)
    client = namespace.socket(socket.AF_INET6)
    client.bind(("fe80::1", local_port, 0, scope))
    client.connect(("fe80::2", PORT, 0, scope))
    return client


def test_link_local_peers_of_two_links(recording, near_and_far):
    """Addresses and ports are the same: only the interfaces tell the connections apart."""
    near, far = near_and_far
    links = [link(near, far, number) for number in range(2)]
    with far:
        listener = socket.create_server(("::", PORT), family=socket.AF_INET6)
    for number, (interface, _) in enumerate(links):
        with connect_over(near, interface, 7000) as client, listener.accept()[0] as server:
            client.sendall(b"q" * (100 + number))
            assert server.recv(1000)
    listener.close()
    recording.wait_for("SELECT count(*) >= 4 FROM connections WHERE outcome = 'closed' "
                       "AND ? IN (local_port, peer_port)", PORT)
    recording.stop()
    rows = {row["interface"]: row for row in rows_in(recording, near, far)}
    assert len(rows) == 4
    for number, (here, there) in enumerate(links):
        client, server = rows[here], rows[there]
        assert client["bytes_sent"] == server["bytes_received"] == 100 + number
        assert (client["peer_address"], client["peer_port"]) == ("fe80::2", PORT)
        assert (client["id"], server["id"]) in recording.partners()
        (story,) = recording.report("connection", str(client["id"]))
        assert (story["local"], story["peer"]) == (f"[fe80::1%{here}]:7000",
                                                   f"[fe80::2%{here}]:{PORT}")
        assert story["other_end"] == server["id"]


def test_the_name_of_an_interface_that_has_gone(recording, near_and_far):
    near, far = near_and_far
    here, _ = link(near, far, 0)
    with far:
        listener = socket.create_server(("::", PORT), family=socket.AF_INET6)
    client = connect_over(near, here, 7000)
    server = listener.accept()[0]
    near.run("ip", "link", "del", here)
    for sock in (client, server, listener):
        sock.close()
    recording.stop()
    assert {row["interface"] for row in rows_in(recording, near, far)} == {"near0", "far0"}


def add_vrf(namespace, name, table):
    with namespace:
        done = subprocess.run(["ip", "link", "add", name, "type", "vrf", "table", str(table)],
                              capture_output=True, text=True, check=False)
    if "Unknown device type" in done.stderr or "not supported" in done.stderr:
        pytest.skip("the kernel has no VRF")
    assert done.returncode == 0, done.stderr


def test_equal_addresses_in_two_vrfs(recording, namespace):
    vrfs = "red", "blue"
    sockets = []
    for number, vrf in enumerate(vrfs):
        add_vrf(namespace, vrf, 10 + number)
        namespace.run("ip", "link", "set", vrf, "up")
        namespace.run("ip", "addr", "add", "10.9.0.1/32", "dev", vrf)
        listener, client = namespace.socket(), namespace.socket()
        for end in (listener, client):
            bind_to(end, vrf)
        listener.bind(("10.9.0.1", PORT))
        listener.listen()
        client.bind(("10.9.0.1", 7000))
        client.connect(("10.9.0.1", PORT))
        sockets += [client, listener.accept()[0], listener]
    for end in sockets:
        end.close()
    recording.stop()
    rows = {(row["interface"], row["direction"]): row["id"] for row in rows_in(recording, namespace)}
    assert len(rows) == 4
    partners = recording.partners()
    for vrf in vrfs:
        assert (rows[vrf, "active"], rows[vrf, "passive"]) in partners
