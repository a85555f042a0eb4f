# SPDX-License-Identifier: Apache-2.0
"""What tests about whole files share."""
import hashlib
import json
import sqlite3

from query_driver import make_file, recording, run_query

S = 1_000_000


def rows(path, sql, parameters=()):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return db.execute(sql, parameters).fetchall()
    finally:
        db.close()


def column(path, sql, parameters=()):
    return [row[0] for row in rows(path, sql, parameters)]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(*arguments, **options):
    """It must work."""
    result = run_query(*arguments, **options)
    assert result.returncode == 0, result.stderr.decode()
    return result


def report(path, *arguments):
    return json.loads(run("-r", path, *arguments, "-o", "json").stdout)


def check_whole(path):
    """One file that SQLite finds nothing wrong with."""
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "PRAGMA foreign_key_check") == []
    assert rows(path, "PRAGMA journal_mode") == [("delete",)]
    assert path.read_bytes()[18:20] == b"\x01\x01"  # of a file in WAL mode both are 2
    assert [other.name for other in path.parent.glob(f"*{path.name}*")] == [path.name]


def make_large_file(path, samples):
    """One connection with many samples, a second apart from the next thousand."""
    make_file(path, recording(0, 10_000 * S, "stopped") + f"""
        INSERT INTO connections (id, recording_id, cookie, generation, family, local_address,
                                 local_port, peer_address, peer_port, direction, pid_source,
                                 start_kind, opened_us, outcome, rtt_samples)
        VALUES (1, 1, 1, 1, 4, '10.0.0.1', 1, '10.0.0.2', 2, 'active', 'unknown', 'seen', 0, 'open',
                {samples});
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {samples})
        INSERT INTO rtt_samples SELECT i, 1, i * 1000, 100 + i % 50, 100, 1 FROM n;
        INSERT INTO batches (id, recording_id, committed_us, first_time_us, last_time_us,
                             first_rtt_sample_id, last_rtt_sample_id)
        SELECT (id - 1) / 1000 + 1, 1, max(time_us), min(time_us), max(time_us), min(id), max(id)
        FROM rtt_samples GROUP BY (id - 1) / 1000;""")
