-- SPDX-License-Identifier: Apache-2.0
-- Schema 9: RTT samples, most of a file, take three bytes less each. What is stored is in rtt_packed;
-- rtt_samples is a view that shows them as before. Samples of older files are rewritten in their
-- place; SQLite cannot alter what the table says of itself but by its text (nothing else is changed).

DROP VIEW rtt_log;
DROP VIEW connection_rtt;

UPDATE rtt_samples SET
  time_us = time_us - 1900000000000000,
  srtt_us = CASE state WHEN 1 THEN srtt_us ELSE -(srtt_us * 16 + state) END;
ALTER TABLE rtt_samples DROP COLUMN state;
ALTER TABLE rtt_samples RENAME COLUMN time_us TO since_2030_us;
ALTER TABLE rtt_samples RENAME COLUMN srtt_us TO srtt_state;
ALTER TABLE rtt_samples RENAME TO rtt_packed;

PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = 'CREATE TABLE rtt_packed ( -- what the view rtt_samples shows, in fewer bytes
  id            INTEGER PRIMARY KEY, -- given by SQLite; batches holds the range of each commit
  connection_id INTEGER NOT NULL REFERENCES connections, -- whose round trip
  since_2030_us INTEGER NOT NULL, -- time_us - 1900000000000000: six bytes instead of eight until 2034
  rtt_us        INTEGER NOT NULL, -- length of the round trip; see recordings.rtt_source
  srtt_state    INTEGER NOT NULL  -- srtt_us while ESTABLISHED; in other states -(16 * srtt_us + state)
) STRICT'
WHERE type = 'table' AND name = 'rtt_packed';
PRAGMA writable_schema = RESET;

CREATE VIEW rtt_samples AS -- round trip times as the kernel took them, in the order recorded
SELECT id, connection_id,
       since_2030_us + 1900000000000000 AS time_us, -- when the acknowledgement came
       rtt_us,
       iif(srtt_state >= 0, srtt_state, -srtt_state >> 4) AS srtt_us, -- smoothed (RFC 6298); rack: before this sample
       iif(srtt_state >= 0, 1, -srtt_state & 15) AS state -- after a FIN a delayed ACK can add 40 ms
FROM rtt_packed;

CREATE VIEW rtt_log AS -- one line per RTT sample
SELECT s.id,
       strftime('%Y-%m-%dT%H:%M:%S', s.time_us / 1000000, 'unixepoch')
         || printf('.%06dZ', s.time_us % 1000000) AS time,
       s.rtt_us, s.srtt_us, t.name AS state,
       p.pid, p.comm, c.direction,
       c.local_address, c.local_port, c.peer_address, c.peer_port,
       s.connection_id, s.time_us
FROM rtt_samples s
JOIN tcp_states t ON t.id = s.state
JOIN connections c ON c.id = s.connection_id
JOIN processes p ON p.id = c.process_id;

CREATE VIEW connection_rtt AS -- the RTT samples of a connection
SELECT c.id AS connection_id, s.id, s.time_us, s.rtt_us, s.srtt_us, s.state
FROM connections c
CROSS JOIN batches b ON b.recording_id = c.recording_id AND b.last_time_us >= c.opened_us - 1000000
  AND b.first_time_us <= coalesce(c.closed_us + 1000000, 9223372036854775807)
CROSS JOIN rtt_samples s ON s.id BETWEEN b.first_rtt_sample_id AND b.last_rtt_sample_id
  AND +s.connection_id = c.id;
