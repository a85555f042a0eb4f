# SPDX-License-Identifier: Apache-2.0
"""The report pairs joins the two ends of real connections."""

import sys

from namespaces import ADDRESSES
from servers import curl, running

PORT = 8000


def transfer(client_in, server_in, bind, host):
    """By curl; returns what the report should say about it."""
    server_command = [sys.executable, "-m", "http.server", "--bind", bind, str(PORT)]
    with server_in, running(server_command, PORT) as server:
        with client_in:
            pid, told, code = curl(f"http://{host}:{PORT}/none")
    assert code == 0
    return {"client_pid": pid, "client_comm": "curl", "client": f"{told['local_ip']}:"
            f"{told['local_port']}", "client_netns": client_in.inode,
            "server_pid": server.pid, "server": f"{host}:{PORT}", "server_netns": server_in.inode,
            "bytes_to_server": told["size_request"],
            "bytes_to_client": told["size_header"] + told["size_download"],
            "bytes_agree": 1, "outcome": "closed"}


def pairs_of(recording, expected):
    """Those with one of the expected servers or clients, and of these only what is expected."""
    pids = {row[end] for row in expected for end in ("client_pid", "server_pid")}
    return [{name: row[name] for name in expected[0]} for row in recording.report("pairs", "-n", "0")
            if {row["client_pid"], row["server_pid"]} & pids]


def test_both_ends_and_owners_are_joined(recording, near_and_far):
    near, far = near_and_far
    far_address = ADDRESSES["far"][0]
    expected = [transfer(near, near, "127.0.0.1", "127.0.0.1"),
                transfer(near, near, "::", "127.0.0.1"),  # the server's end is ::ffff:127.0.0.1
                transfer(near, far, far_address, far_address)]
    recording.stop()
    assert pairs_of(recording, expected) == expected[::-1]  # newest first
