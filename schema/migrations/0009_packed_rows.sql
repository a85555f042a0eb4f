-- SPDX-License-Identifier: Apache-2.0
-- Schema 9: events and RTT samples, most of a file, take three to five bytes less each. What is
-- stored is in packed_events and packed_rtt_samples; events and rtt_samples are views that show
-- them as before. Both programs have moved the rows of an older file by then, step by step
-- (schema/pack_rows.cpp); what is moved here is what was left by somebody who applies this by hand.

CREATE TABLE IF NOT EXISTS packed_events ( -- what the view events shows, in fewer bytes
  id            INTEGER PRIMARY KEY, -- given by SQLite; batches holds the range of each commit
  connection_id INTEGER NOT NULL REFERENCES connections, -- what it happened to
  since_2030_us INTEGER NOT NULL, -- time_us - 1900000000000000: six bytes instead of eight until 2034
  kind_states   INTEGER NOT NULL, -- kind * 256 + old_state * 16 + new_state
  value         INTEGER NOT NULL  -- see event_kinds.value
) STRICT;
INSERT INTO packed_events
SELECT id, connection_id, CAST(time_us - 1900000000000000 AS INTEGER),
       kind * 256 + old_state * 16 + new_state, value
FROM events;
DROP TABLE events;

CREATE TABLE IF NOT EXISTS packed_rtt_samples ( -- what the view rtt_samples shows, in fewer bytes
  id               INTEGER PRIMARY KEY, -- given by SQLite; batches holds the range of each commit
  connection_id    INTEGER NOT NULL REFERENCES connections, -- whose round trip
  since_2030_us    INTEGER NOT NULL, -- time_us - 1900000000000000
  rtt_state        INTEGER NOT NULL, -- rtt_us while ESTABLISHED; in other states -(rtt_us * 16 + state)
  srtt_less_rtt_us INTEGER NOT NULL  -- srtt_us - rtt_us
) STRICT;
INSERT INTO packed_rtt_samples
SELECT id, connection_id, CAST(time_us - 1900000000000000 AS INTEGER),
       CAST(iif(state = 1, rtt_us, -(rtt_us * 16 + state)) AS INTEGER),
       CAST(srtt_us - rtt_us AS INTEGER)
FROM rtt_samples;
DROP TABLE rtt_samples;

-- CAST: so that the columns compare with text as integers, which columns of a table do.

CREATE VIEW events AS -- everything that happened to a connection, in the order it was recorded
SELECT id, -- given by SQLite; batches holds the range of each commit
       connection_id, -- what it happened to
       CAST(since_2030_us + 1900000000000000 AS INTEGER) AS time_us, -- when the kernel called
       CAST(kind_states >> 8 AS INTEGER) AS kind, -- what happened; see event_kinds
       CAST(kind_states >> 4 & 15 AS INTEGER) AS old_state, -- TCP state before; equal to new_state
       CAST(kind_states & 15 AS INTEGER) AS new_state, -- where the event changed none; see tcp_states
       value -- see event_kinds.value
FROM packed_events;

CREATE VIEW rtt_samples AS -- round trip times as the kernel took them, in the order recorded
SELECT id, -- given by SQLite; batches holds the range of each commit
       connection_id, -- whose round trip
       CAST(since_2030_us + 1900000000000000 AS INTEGER) AS time_us, -- when the acknowledgement came
       CAST(iif(rtt_state >= 0, rtt_state, -rtt_state >> 4) AS INTEGER)
         AS rtt_us, -- length of the round trip; see recordings.rtt_source
       CAST(iif(rtt_state >= 0, rtt_state, -rtt_state >> 4) + srtt_less_rtt_us AS INTEGER)
         AS srtt_us, -- smoothed (RFC 6298); before this sample where rtt_source is rack
       CAST(iif(rtt_state >= 0, 1, -rtt_state & 15) AS INTEGER)
         AS state -- see tcp_states; after a FIN a delayed ACK can add 40 ms
FROM packed_rtt_samples;
