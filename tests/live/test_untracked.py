# SPDX-License-Identifier: Apache-2.0
"""Sockets of which the kernel program can remember nothing. Their processes can bring that about:
all slots are taken by others, and the memory that a socket may have for options is used up."""

import contextlib
import ctypes
import os
import socket
import struct

import pytest

from namespaces import all_ends_in, ending, error_of, event_kinds, namespaces, states
from servers import bytes_waiting, receive_all, wait_until
from test_homes import CONNECTIONS, many_files

SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27
SO_COOKIE = 57
SLOTS = 16384  # recorder/kernel/load.cpp
RETURN_ALL = struct.pack("HBBI", 6, 0, 0, 0xFFFFFFFF)
ADDRESS = "127.0.0.1", 81
NOBODY = "127.0.0.1", 82


def attach_filter(sock, instructions):
    program = ctypes.create_string_buffer(RETURN_ALL * instructions)
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                    struct.pack("HL", instructions, ctypes.addressof(program)))


def can_have_filter(sock, instructions):
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
    try:
        attach_filter(sock, instructions)
    except OSError:
        return False
    return True


def use_up_memory(sock):
    """By the largest filter that it may have, which counts like its storage."""
    least, most = 1, 4096
    while most - least > 1:
        middle = (least + most) // 2
        if can_have_filter(sock, middle):
            least = middle
        else:
            most = middle
    assert can_have_filter(sock, least)


def slot_of(sock):
    return struct.unpack("Q", sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))[0] % SLOTS


def open_many(namespace, stack):
    """Returns the slots that these sockets have."""
    listener = stack.enter_context(namespace.listen())
    taken = set()
    for _ in range(CONNECTIONS):
        client = stack.enter_context(namespace.connect(listener.getsockname()))
        taken |= {slot_of(client), slot_of(stack.enter_context(listener.accept()[0]))}
    return taken


class Forgotten:
    """A namespace whose sockets can be had without slots and storage."""

    def __init__(self, place, taken):
        self.place, self.taken, self.is_here = place, taken, place.is_here

    def socket(self):
        sock = self.place.socket()
        while slot_of(sock) not in self.taken:
            sock.close()
            sock = self.place.socket()
        # The default before 6.8, when the setting was one of the whole host.
        with contextlib.suppress(FileNotFoundError):
            self.place.sysctl("core/optmem_max", 20_480)
        use_up_memory(sock)
        return sock

    def listen(self):
        listener = self.socket()
        listener.bind(ADDRESS)
        listener.listen()
        return listener


@pytest.fixture
def forgotten(recording, namespace):
    with namespaces(1) as (place,), contextlib.ExitStack() as stack:
        major, minor = map(int, os.uname().release.split(".")[:2])
        if (major, minor) < (6, 2):  # there are no slots
            yield Forgotten(place, range(SLOTS))
        else:
            stack.enter_context(many_files())
            yield Forgotten(place, open_many(namespace, stack))


def exchange(client, server):
    client.sendall(b"x" * 10)
    wait_until(lambda: bytes_waiting(server) == 10)
    server.recv(10)
    server.sendall(b"y" * 20)
    client.shutdown(socket.SHUT_WR)
    server.close()
    assert len(receive_all(client)) == 20


# An accepted socket may find a free slot, and then has the same row but for the mark.
TRIES = 10


def check_whole(row, sent, received):
    assert (row["bytes_sent"], row["bytes_received"]) == (sent, received)
    assert row["start_kind"] == "seen"
    assert row["opened_us"] <= row["established_us"] <= row["closed_us"]


def test_each_connection_has_its_rows(recording, forgotten):
    with forgotten.listen() as listener:
        for _ in range(TRIES):
            with forgotten.socket() as client:
                client.connect(ADDRESS)
                exchange(client, listener.accept()[0])
    recording.stop()
    active, passive = all_ends_in(recording, forgotten)
    assert [ending(row) for row in active] == [("closed", None, "local")] * TRIES
    assert [ending(row) for row in passive] == [("closed", None, "peer")] * TRIES
    for row in active:
        check_whole(row, 10, 20)
        assert (row["pid"], row["pid_source"]) == (os.getpid(), "connect")
        assert event_kinds(recording, row)[:2] == ["connect", "established"]
        assert states(recording, row)[-3:] == ["FIN_WAIT1", "FIN_WAIT2", "CLOSE"]
    for row in passive:
        check_whole(row, 20, 10)
    assert {(row["is_untracked"], row["rtt_samples"]) for row in active} == {(1, 0)}
    (listener_row,) = recording.rows(f"SELECT * FROM listener_log WHERE {forgotten.is_here}")
    assert (listener_row["local_port"], listener_row["pid"]) == (81, os.getpid())
    assert listener_row["closed_us"]


def test_one_socket_connects_twice(recording, forgotten):
    with forgotten.listen() as listener:
        for _ in range(TRIES):
            with forgotten.socket() as client:
                assert error_of(client.connect, NOBODY) == "ECONNREFUSED"
                client.connect(ADDRESS)
                exchange(client, listener.accept()[0])
    recording.stop()
    active, _ = all_ends_in(recording, forgotten)
    assert [ending(row) for row in active] == [("refused", "ECONNREFUSED", "peer"),
                                               ("closed", None, "local")] * TRIES
    assert all(first["cookie"] == second["cookie"]
               for first, second in zip(active[::2], active[1::2]))
    assert {row["is_untracked"] for row in active} == {1}
