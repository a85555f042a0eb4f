# SPDX-License-Identifier: Apache-2.0
"""--max-age on a running recorder. What --max-size does takes more than seconds to fill: that is
tested with the writer alone."""
import subprocess
import time

from recording import QUERY, Recording
from servers import short_connection


def test_what_is_older_than_max_age_goes_and_the_file_says_so(tmp_path):
    with Recording(tmp_path / "a.db", "--max-age", "1s") as recording:
        first = short_connection()
        recording.wait_for("SELECT count(*) = 2 FROM connections WHERE closed_us > 0 AND "
                           "? IN (local_port, peer_port)", first)
        newest = recording.value("SELECT max(id) FROM events")
        deadline = time.monotonic() + 10
        while recording.value("SELECT min(id) FROM events") <= newest:
            assert time.monotonic() < deadline
            last = short_connection()  # what is old goes when something is written
            time.sleep(0.1)
        told = subprocess.run([QUERY, "-r", recording.db, "events"], capture_output=True, text=True)
        assert "ctrack-query: no longer in" in told.stderr and "events before" in told.stderr
        recording.stop()
    assert recording.both_ends(last)
    assert recording.value("SELECT count(*) FROM events "
                           "WHERE connection_id NOT IN (SELECT id FROM connections)") == 0
