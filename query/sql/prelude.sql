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
       CASE c.outcome WHEN 'open' THEN s.until_us + 1 WHEN 'lost' THEN c.opened_us
                      ELSE c.closed_us END AS open_until_us,
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

-- What reports choose from.
CREATE TEMP VIEW chosen_connections AS SELECT * FROM connection_facts;

-- The window of the report, and in which ranges of ids, which do not overlap, connections
-- lie that may have been alive in it, or open at its end; all filled by window.sql.
CREATE TEMP TABLE window (begin_us INTEGER, end_us INTEGER);
CREATE TEMP TABLE window_ids (first_id INTEGER, last_id INTEGER);
CREATE TEMP TABLE end_ids (first_id INTEGER, last_id INTEGER);

-- A few more than were alive in the window: the report asks exactly.
CREATE TEMP VIEW connections_about_window AS
SELECT c.* FROM temp.window_ids i
CROSS JOIN temp.chosen_connections c ON c.id BETWEEN i.first_id AND i.last_id;

-- A few more than were open at its end.
CREATE TEMP VIEW connections_about_end AS
SELECT c.* FROM temp.end_ids i
CROSS JOIN temp.chosen_connections c ON c.id BETWEEN i.first_id AND i.last_id;

-- The causes of loss in words: those of loss_log, which is what the file says of
-- losses. A new one is one more line here; without it, it shows under its own name.
CREATE TEMP TABLE loss_causes (place INTEGER PRIMARY KEY, cause, what, why); -- what: singular
INSERT INTO loss_causes (cause, what, why) VALUES
  ('sample_ring',    'RTT sample',      'sample ring full'),
  ('lifecycle_ring', 'event',           'lifecycle ring full'),
  ('no_storage',     'kernel callback', 'no memory for the socket'),
  ('batch_full',     'record',          'more than one commit may hold'),
  ('decode_reject',  'record',          'not understood');

-- One line per commit and cause of loss, and between which times it happened.
CREATE TEMP VIEW losses AS
SELECT coalesce((SELECT committed_us FROM batches
                 WHERE recording_id = l.recording_id AND id < l.batch_id
                 ORDER BY id DESC LIMIT 1), s.started_us) AS from_us,
       l.committed_us AS to_us, l.lost, l.cause,
       coalesce(c.what, 'record') AS what, coalesce(c.why, replace(l.cause, '_', ' ')) AS why,
       coalesce(c.place, 1000) AS place, l.batch_id, l.recording_id
FROM main.loss_log l
JOIN temp.recording_spans s ON s.recording_id = l.recording_id
LEFT JOIN temp.loss_causes c ON c.cause = l.cause;

-- What was deleted since the file had reached its limit (NULL: nothing), in words.
CREATE TEMP VIEW kept AS
SELECT CASE kind WHEN 'rtt_samples' THEN 1 WHEN 'events' THEN 2 WHEN 'connections' THEN 3 ELSE 4 END AS place,
       CASE kind WHEN 'rtt_samples' THEN 'RTT samples' ELSE kind END AS what,
       kind, kept_from_us, deleted_rows
FROM main.retention;
