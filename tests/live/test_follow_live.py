# SPDX-License-Identifier: Apache-2.0
"""ctrack-query events -F beside a real recorder."""
import json
import socket
import subprocess
import threading
import time

from recording import QUERY, Recording

COMMIT_S = 0.1  # of Recording


def test_follow(tmp_path):
    """What happens is shown within a commit interval and the time of a look; the end of the
    recorder is its end."""
    with Recording(tmp_path / "followed.db") as recording, socket.create_server(
            ("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with subprocess.Popen(
                [QUERY, "-r", recording.db, "events", "-F", "-o", "ndjson", "-n", "1", "-P",
                 str(port)], stdout=subprocess.PIPE, text=True) as follower:
            alarm = threading.Timer(30, follower.kill)  # so that no read waits for ever
            alarm.start()
            time.sleep(0.5)
            for _ in range(3):
                began = time.time()
                client = socket.create_connection(("127.0.0.1", port))
                server.accept()[0].close()
                client.close()
                kinds = []
                while kinds.count("close") < 2:  # one for each end
                    kinds.append(json.loads(follower.stdout.readline())["type"])
                assert {"connect", "established", "accept", "state", "close"} == set(kinds)
                assert time.time() - began < COMMIT_S + 1
            recording.stop()
            alarm.cancel()
            assert follower.wait(10) == 0
            assert follower.stdout.read() == ""
