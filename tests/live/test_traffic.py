# SPDX-License-Identifier: Apache-2.0
"""The sums of traffic of a real recorder."""
import os

from recording import Recording
from servers import connected_pair

# The direction of one that is older than the recording is not always known.
SENT = "SELECT sum(bytes_sent) FROM traffic WHERE pid = ? AND direction <> 'passive'"
COUNT = "SELECT sum(connections) FROM traffic WHERE pid = ?"
OF_CONNECTIONS = "SELECT sum(bytes_sent) FROM connections WHERE peer_port = ?"


def test_a_connection_counts_once_though_the_recorder_is_started_anew(tmp_path):
    with Recording(tmp_path / "a.db") as recording:
        client, server, port = connected_pair()
        client.sendall(b"x" * 1000)
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE ? IN (local_port, peer_port)",
                           port)
        recording.stop()
    with Recording(tmp_path / "a.db") as recording:
        client.sendall(b"x" * 500)
        client.close()
        server.close()
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE closed_us > 0 AND "
                           "? IN (local_port, peer_port)", port)
        recording.stop()
    assert recording.value(SENT, os.getpid()) == 1500
    assert recording.value(OF_CONNECTIONS, port) >= 1500  # one row of each recording
    assert recording.value(COUNT, os.getpid()) == 2  # both ends
