# SPDX-License-Identifier: Apache-2.0
"""Sockets of which the kernel program can remember nothing. Their processes can bring that about:
all slots are taken by others, and the memory that a socket may have for options is used up."""

import contextlib
import ctypes
import os
import socket
import struct

import pytest

from namespaces import (all_ends_in, ending, ends_in, error_of, event_kinds, namespaces,
                        states)
from servers import bytes_waiting, receive_all, wait_until
from test_homes import many_files, open_many

SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27
RETURN_ALL = struct.pack("HBBI", 6, 0, 0, 0xFFFFFFFF)
ADDRESS = "127.0.0.1", 81


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


@pytest.fixture
def forgotten(recording, namespace):
    """A namespace whose sockets have neither slots nor storage."""
    with namespaces(1) as (place,), contextlib.ExitStack() as stack:
        major, minor = map(int, os.uname().release.split(".")[:2])
        if (major, minor) >= (6, 2):  # older kernels have no slots
            stack.enter_context(many_files())
            open_many(namespace, stack)
        yield place


def without_memory(sock, place):
    """20,480 bytes are the default before 6.8, when the setting was one of the whole host."""
    with contextlib.suppress(FileNotFoundError):
        place.sysctl("core/optmem_max", 20_480)
    use_up_memory(sock)
    return sock


def listen(place):
    listener = without_memory(place.socket(), place)
    listener.bind(ADDRESS)
    listener.listen()
    return listener


def marks(*rows):
    return {row["is_untracked"] for row in rows}


def test_each_connection_has_its_rows(recording, forgotten):
    with listen(forgotten) as listener, without_memory(forgotten.socket(), forgotten) as client:
        client.connect(ADDRESS)
        server, _ = listener.accept()
        client.sendall(b"x" * 10)
        wait_until(lambda: bytes_waiting(server) == 10)
        server.recv(10)
        server.sendall(b"y" * 20)
        client.shutdown(socket.SHUT_WR)
        server.close()
        assert len(receive_all(client)) == 20
    recording.stop()
    client_row, server_row = ends_in(recording, forgotten)
    assert marks(client_row, server_row) == {1}
    assert ending(client_row) == ("closed", None, "local")
    assert ending(server_row) == ("closed", None, "peer")
    for row, sent, received in ((client_row, 10, 20), (server_row, 20, 10)):
        assert (row["bytes_sent"], row["bytes_received"]) == (sent, received)
        assert row["start_kind"] == "seen" and row["rtt_samples"] == 0
        assert row["opened_us"] <= row["established_us"] <= row["closed_us"]
    assert (client_row["pid"], client_row["pid_source"]) == (os.getpid(), "connect")
    assert event_kinds(recording, client_row)[:2] == ["connect", "established"]
    assert states(recording, client_row)[-3:] == ["FIN_WAIT1", "FIN_WAIT2", "CLOSE"]
    (listener_row,) = recording.rows(
        f"SELECT * FROM listener_log WHERE {forgotten.is_here}")
    assert (listener_row["local_port"], listener_row["pid"]) == (81, os.getpid())
    assert listener_row["closed_us"]


def test_one_socket_connects_twice(recording, forgotten):
    with without_memory(forgotten.socket(), forgotten) as client:
        assert error_of(client.connect, ADDRESS) == "ECONNREFUSED"
        with listen(forgotten) as listener:
            client.connect(ADDRESS)
            server, _ = listener.accept()
        client.close()
        assert receive_all(server) == b""
        server.close()
    recording.stop()
    active, passive = all_ends_in(recording, forgotten)
    assert marks(*active, *passive) == {1}
    assert [ending(row) for row in active] == [("refused", "ECONNREFUSED", "peer"),
                                               ("closed", None, "local")]
    assert active[0]["cookie"] == active[1]["cookie"]
    assert [ending(row) for row in passive] == [("closed", None, "peer")]
