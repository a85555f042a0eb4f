-- What the reports share. Run on each connection before it is locked against
-- writing: all of it is TEMP, the file is not touched.

-- One row per recording: the time it covers. While it runs that is until now; a
-- killed one is known until its last commit; of one that was cut, the window is.
CREATE TEMP TABLE recording_spans AS
SELECT r.id AS recording_id, r.hostname, r.id / 100000000000000 AS file_number,
       max(r.started_us, coalesce(cut.begin_us, r.started_us)) AS started_us,
       min(CASE r.end_kind
             WHEN 'running' THEN CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
             ELSE coalesce(r.ended_us,
                           (SELECT committed_us FROM batches
                            WHERE recording_id = r.id ORDER BY id DESC LIMIT 1),
                           r.started_us)
           END,
           coalesce(cut.end_us, 9223372036854775807)) AS until_us
FROM recordings r LEFT JOIN snapshots cut ON cut.recording_id = r.id;

-- A listening socket with its owner, as connection_facts.sql; reports read it as chosen_listeners.
CREATE TEMP VIEW listener_facts AS
SELECT l.*, p.pid, p.comm, p.exe, p.cmdline, s.hostname,
       (SELECT path FROM cgroups WHERE id = l.cgroup_id) AS cgroup_path,
       (SELECT container_id FROM cgroups WHERE id = l.cgroup_id) AS container_id,
       (SELECT systemd_unit FROM cgroups WHERE id = l.cgroup_id) AS systemd_unit,
       (SELECT systemd_slice FROM cgroups WHERE id = l.cgroup_id) AS systemd_slice,
       NULL AS peer_address, NULL AS peer_port, -- it has none
       coalesce(l.closed_us, s.until_us) AS until_us
FROM listeners l
JOIN temp.recording_spans s ON s.recording_id = l.recording_id
JOIN processes p ON p.id = l.process_id;

-- The window of the report, and in which ranges of ids, which do not overlap, connections
-- lie that may have been alive in it, or open at its end; all filled by window.sql.
CREATE TEMP TABLE window (begin_us INTEGER, end_us INTEGER);
CREATE TEMP TABLE window_ids (first_id INTEGER, last_id INTEGER);
CREATE TEMP TABLE end_ids (first_id INTEGER, last_id INTEGER);
-- SQLite takes them for short: with many ranges it would make an index of all connections, by
-- whatever is asked to be equal, rather than look for the ids of each.
INSERT INTO temp.window_ids VALUES (0, 0);
INSERT INTO temp.end_ids VALUES (0, 0);
ANALYZE temp.window_ids;
ANALYZE temp.end_ids;
DELETE FROM temp.window_ids;
DELETE FROM temp.end_ids;

-- The causes of loss in words: those of loss_log, which is what the file says of
-- losses. A new one is one more line here; without it, it shows under its own name.
CREATE TEMP TABLE loss_causes (place INTEGER PRIMARY KEY, cause, what, why); -- what: singular
INSERT INTO loss_causes (cause, what, why) VALUES
  ('sample_ring',    'RTT sample',      'sample ring full'),
  ('lifecycle_ring', 'event',           'lifecycle ring full'),
  ('no_storage',     'kernel callback', 'no memory for the socket'),
  ('decode_reject',  'record',          'not understood');

-- One line per commit and cause of loss, and between which times it happened.
CREATE TEMP VIEW losses AS
SELECT coalesce((SELECT committed_us FROM batches
                 WHERE recording_id = l.recording_id AND id < l.batch_id
                 ORDER BY id DESC LIMIT 1), s.started_us) AS from_us,
       l.committed_us AS to_us, l.lost, l.cause,
       coalesce(c.what, 'record') AS what, coalesce(c.why, replace(l.cause, '_', ' ')) AS why,
       coalesce(c.place, 1000) AS place, l.batch_id, l.recording_id
FROM loss_log l
JOIN temp.recording_spans s ON s.recording_id = l.recording_id
LEFT JOIN temp.loss_causes c ON c.cause = l.cause;

-- What was deleted since the file had reached its limit (NULL: nothing), in words.
CREATE TEMP VIEW kept AS
SELECT CASE kind WHEN 'rtt_samples' THEN 1 WHEN 'events' THEN 2 WHEN 'connections' THEN 3 ELSE 4 END AS place,
       CASE kind WHEN 'rtt_samples' THEN 'RTT samples' ELSE kind END AS what,
       kind, max(kept_from_us) AS kept_from_us, sum(deleted_rows) AS deleted_rows
FROM retention
GROUP BY kind; -- of several files: from when on all of them have it

-- The files read; recording_spans has the number of the file of a recording.
CREATE TEMP VIEW files AS
SELECT max(seq - 1, 0) AS file_number, file AS path,
       (SELECT page_count * page_size
        FROM pragma_page_count(l.name), pragma_page_size(l.name)) AS file_bytes,
       (SELECT user_version FROM pragma_user_version) AS schema_version -- all have the newest
FROM pragma_database_list l
WHERE l.name <> 'temp';

-- How many rows of each recording are stored. They are counted where a part was cut out:
-- there are ids without a row.
CREATE TEMP VIEW stored_rows AS
SELECT recording_id,
       sum(CASE WHEN recording_id IN (SELECT recording_id FROM snapshots)
                THEN (SELECT count(*) FROM events
                      WHERE id BETWEEN first_event_id AND last_event_id)
                ELSE last_event_id - first_event_id + 1 END) AS events,
       sum(CASE WHEN recording_id IN (SELECT recording_id FROM snapshots)
                THEN (SELECT count(*) FROM rtt_samples
                      WHERE id BETWEEN first_rtt_sample_id AND last_rtt_sample_id)
                ELSE last_rtt_sample_id - first_rtt_sample_id + 1 END) AS rtt_samples
FROM batches GROUP BY recording_id;
