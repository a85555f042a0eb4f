# SPDX-License-Identifier: Apache-2.0
"""What held a connection up, and who is waited for."""

import re
import socket
import subprocess
import threading
import time

from servers import connected_pair, receive_all


def stopwatches(sock):
    """The kernel's own, in microseconds, as ss shows them."""
    ours, theirs = sock.getsockname()[1], sock.getpeername()[1]
    shown = subprocess.run(["ss", "-Htin", f"sport = {ours} and dport = {theirs}"], check=True,
                           text=True, stdout=subprocess.PIPE).stdout
    found = dict(re.findall(r"(busy|rwnd_limited|sndbuf_limited):(\d+)ms", shown))
    return {f"{name}_us": 1000 * int(found.get(name, 0))
            for name in ("busy", "rwnd_limited", "sndbuf_limited")}


def within_5_percent(row, expected):
    """The kernel's clock goes on in ticks of up to 10 ms, which the bound allows for."""
    return all(abs(row[name] - value) <= 0.05 * value + 10_000 for name, value in expected.items())


def test_a_receiver_that_sleeps(recording):
    client, server, port = connected_pair()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    writer = threading.Thread(target=client.sendall, args=(bytes(8_000_000),))
    writer.start()
    time.sleep(3)
    reader = threading.Thread(target=receive_all, args=(server,))
    reader.start()
    writer.join()
    client.shutdown(socket.SHUT_WR)
    reader.join()
    expected = stopwatches(client)
    assert expected["rwnd_limited_us"] > 1_000_000
    server.close()
    client.close()
    recording.stop()
    sender, receiver = recording.both_ends(port)
    assert within_5_percent(sender, expected), (sender, expected)
    assert receiver["rwnd_limited_us"] == 0
