# SPDX-License-Identifier: Apache-2.0
"""The minutes of a real recorder, also of one that was killed."""
import subprocess

from recording import QUERY, Recording
from servers import connected_pair

ENDS = "? IN (local_port, peer_port)"


def send(sender, receiver, size):
    sender.sendall(b"x" * size)
    while size:
        size -= len(receiver.recv(size))


def test_each_byte_and_sample_counts_once_though_the_recorder_was_killed(tmp_path, only_us):
    with Recording(tmp_path / "a.db", *only_us) as recording:
        client, server, port = connected_pair()
        send(client, server, 1000)
        recording.wait_for(f"SELECT count(*) = 2 FROM connections WHERE {ENDS}", port)
        recording.wait_for("SELECT sum(rtt_samples) > 0 FROM minutes")
        recording.kill()
    with Recording(tmp_path / "a.db", *only_us) as recording:
        send(client, server, 500)
        send(server, client, 70)
        client.close()
        server.close()
        recording.wait_for(f"SELECT count(*) = 2 FROM connections WHERE closed_us > 0 AND {ENDS}", port)
        recording.stop()
    [sums] = recording.rows("SELECT sum(connections), sum(opened), sum(closed), sum(bytes_sent), "
                            "sum(bytes_received) FROM minutes")
    assert [*sums.values()] == [2, 2, 2, 1570, 1570]
    assert recording.value("SELECT sum(samples) FROM minute_rtts") == recording.value(
        "SELECT count(*) FROM rtt_samples") > 0
    subprocess.run([QUERY, "verify", recording.db], check=True, capture_output=True)
