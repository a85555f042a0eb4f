-- What the reports share. Run on each connection before it is locked against
-- writing: all of it is TEMP, the file is not touched.

-- One row per recording: the time it covers. While it runs that is until now; a
-- killed one is known until its last commit.
CREATE TEMP TABLE recording_spans AS
SELECT r.id AS recording_id, r.started_us,
       CASE r.end_kind
         WHEN 'running' THEN CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
         ELSE coalesce(r.ended_us,
                       (SELECT committed_us FROM batches
                        WHERE recording_id = r.id ORDER BY id DESC LIMIT 1),
                       r.started_us)
       END AS until_us
FROM recordings r;

-- A connection with its owner and its ends as ADDRESS:PORT.
--   alive_until_us  it concerns a window that begins no later: its close, else
--                   the last moment recorded
--   open_until_us   it was surely open before this moment; of one whose end was
--                   not seen (lost) nobody knows
CREATE TEMP VIEW connection_facts AS
SELECT c.*, p.pid, p.comm, p.exe, p.cmdline,
       coalesce(c.closed_us, s.until_us) AS alive_until_us,
       coalesce(c.closed_us, iif(c.outcome = 'open', s.until_us + 1, c.opened_us)) AS open_until_us,
       CASE WHEN c.family = 6 THEN '[' || c.local_address || ']' ELSE c.local_address END
         || ':' || c.local_port AS local,
       CASE WHEN c.family = 6 THEN '[' || c.peer_address || ']' ELSE c.peer_address END
         || ':' || c.peer_port AS peer,
       CASE WHEN c.errno <> 0 THEN coalesce(e.name, 'errno ' || c.errno) END AS error,
       c.outcome IN ('refused', 'timeout', 'unreachable', 'reset', 'aborted') AS is_failure
FROM connections c
JOIN temp.recording_spans s ON s.recording_id = c.recording_id
JOIN processes p ON p.id = c.process_id
LEFT JOIN errnos e ON e.id = c.errno;

-- The commits that tell of a loss, and between which times it happened.
CREATE TEMP VIEW losses AS
SELECT coalesce((SELECT committed_us FROM batches
                 WHERE recording_id = b.recording_id AND id < b.id ORDER BY id DESC LIMIT 1),
                s.started_us) AS from_us,
       b.committed_us AS to_us,
       b.recording_id, b.lost_lifecycle_ring, b.lost_sample_ring, b.lost_no_storage,
       b.lost_decode_reject
FROM batches b
JOIN temp.recording_spans s ON s.recording_id = b.recording_id
WHERE b.lost_lifecycle_ring + b.lost_sample_ring + b.lost_no_storage + b.lost_decode_reject > 0;
