-- Schema 5: sums that outlive what they sum up, and ways to the connections of a time
-- that cost the recorder next to nothing.

-- In the tables of sums each byte, round trip and end is counted once, when a commit
-- tells of it: a long connection counts in each of its days. One that goes on while the
-- recorder is started anew is one connection.

CREATE TABLE traffic_sums ( -- of each day, program, peer and service; see the view traffic
  begin_us       INTEGER NOT NULL, -- the day, UTC
  comm           TEXT NOT NULL,    -- name of the program; '' = not known
  peer_address   TEXT NOT NULL,    -- as in connections; '' = not known, or too many in one commit
  service_port   INTEGER NOT NULL, -- where this end listened or to which it connected; if neither is
                                   -- known, the lower of the two; 0 = none
  direction      TEXT NOT NULL     -- as in connections
    CHECK (direction IN ('active', 'passive', 'unknown')),
  pid            INTEGER,          -- of the one process that did all of it; NULL: several, or not known
  connections    INTEGER NOT NULL DEFAULT 0, -- and attempts: those first seen on this day
  opened         INTEGER NOT NULL DEFAULT 0, -- of these, those that were not older than the recording
  closed         INTEGER NOT NULL DEFAULT 0, -- ended on this day, by outcome
  refused        INTEGER NOT NULL DEFAULT 0, -- likewise
  timeout        INTEGER NOT NULL DEFAULT 0, -- likewise
  unreachable    INTEGER NOT NULL DEFAULT 0, -- likewise
  reset          INTEGER NOT NULL DEFAULT 0, -- likewise
  aborted        INTEGER NOT NULL DEFAULT 0, -- likewise
  lost           INTEGER NOT NULL DEFAULT 0, -- likewise
  bytes_sent     INTEGER NOT NULL DEFAULT 0, -- on this day
  bytes_received INTEGER NOT NULL DEFAULT 0, -- likewise
  retrans_segs   INTEGER NOT NULL DEFAULT 0, -- likewise
  rtt_samples    INTEGER NOT NULL DEFAULT 0, -- taken on this day, stored or not
  rtt_sum_us     INTEGER NOT NULL DEFAULT 0, -- of them
  rtt_min_us     INTEGER,          -- of the connections that had some, since they were opened
  rtt_max_us     INTEGER,          -- likewise
  PRIMARY KEY (begin_us, comm, peer_address, service_port, direction)
) STRICT, WITHOUT ROWID;

CREATE TABLE process_sums ( -- of each process; goes with its row
  process_id     INTEGER PRIMARY KEY REFERENCES processes, -- whose
  connections    INTEGER NOT NULL DEFAULT 0, -- and attempts
  opened         INTEGER NOT NULL DEFAULT 0, -- of these, those that were not older than the recording
  failed         INTEGER NOT NULL DEFAULT 0, -- refused, timeout, unreachable, reset, aborted
  bytes_sent     INTEGER NOT NULL DEFAULT 0, -- all that has been recorded of it
  bytes_received INTEGER NOT NULL DEFAULT 0, -- likewise
  rtt_samples    INTEGER NOT NULL DEFAULT 0, -- taken, stored or not
  rtt_sum_us     INTEGER NOT NULL DEFAULT 0, -- of them
  rtt_max_us     INTEGER           -- the longest of them
) STRICT;

CREATE TABLE traffic_recent ( -- what is still to be added to these sums, a few thousand rows at a time
  id             INTEGER PRIMARY KEY, -- of no meaning
  begin_us       INTEGER NOT NULL, -- as in traffic_sums
  process_id     INTEGER NOT NULL, -- in processes, if it is still there
  peer_address   TEXT NOT NULL,    -- from here on as in traffic_sums
  service_port   INTEGER NOT NULL, -- as there
  direction      TEXT NOT NULL, -- as there
  connections    INTEGER NOT NULL, -- as there
  opened         INTEGER NOT NULL, -- as there
  closed         INTEGER NOT NULL, -- as there
  refused        INTEGER NOT NULL, -- as there
  timeout        INTEGER NOT NULL, -- as there
  unreachable    INTEGER NOT NULL, -- as there
  reset          INTEGER NOT NULL, -- as there
  aborted        INTEGER NOT NULL, -- as there
  lost           INTEGER NOT NULL, -- as there
  bytes_sent     INTEGER NOT NULL, -- as there
  bytes_received INTEGER NOT NULL, -- as there
  retrans_segs   INTEGER NOT NULL, -- as there
  rtt_samples    INTEGER NOT NULL, -- as there
  rtt_sum_us     INTEGER NOT NULL, -- as there
  rtt_min_us     INTEGER, -- as there
  rtt_max_us     INTEGER  -- as there
) STRICT;

CREATE VIEW traffic AS -- to be summed up: what is recent has lines of its own
SELECT begin_us, comm, pid, peer_address, service_port, direction, connections, opened, closed,
       refused, timeout, unreachable, reset, aborted, lost, bytes_sent, bytes_received,
       retrans_segs, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us
FROM traffic_sums
UNION ALL
SELECT t.begin_us, coalesce(p.comm, ''), p.pid, t.peer_address, t.service_port, t.direction,
       t.connections, t.opened, t.closed, t.refused, t.timeout, t.unreachable, t.reset, t.aborted,
       t.lost, t.bytes_sent, t.bytes_received, t.retrans_segs, t.rtt_samples, t.rtt_sum_us,
       t.rtt_min_us, t.rtt_max_us
FROM traffic_recent t LEFT JOIN processes p ON p.id = t.process_id;

-- Where to look for the connections of a window. No index on connections: it would cost
-- the recorder a sixth of its CPU. Their ids ascend with the time of opening, all but.

CREATE TABLE connection_blocks ( -- when the connections of 1024 ids in a row were opened
  id              INTEGER PRIMARY KEY, -- connections.id / 1024
  first_opened_us INTEGER NOT NULL,    -- none of them was opened before
  last_opened_us  INTEGER NOT NULL     -- nor after
) STRICT;

CREATE TABLE long_connections ( -- those that are open, or were for more than ten minutes
  connection_id INTEGER PRIMARY KEY REFERENCES connections, -- which
  closed_us     INTEGER -- NULL: open when the recording last told of it
) STRICT;

CREATE INDEX batches_in_time ON batches (last_time_us, first_time_us);

CREATE INDEX batches_with_losses ON batches (id)
  WHERE lost_lifecycle_ring > 0 OR lost_sample_ring > 0 OR lost_no_storage > 0
     OR lost_decode_reject > 0;

-- One connection's events and samples: to be asked for one connection_id, or few. They
-- are looked for in the commits of its time only.

CREATE VIEW connection_events AS -- the events of a connection
SELECT c.id AS connection_id, e.id, e.time_us, e.kind, e.old_state, e.new_state, e.value
FROM connections c
CROSS JOIN batches b ON b.recording_id = c.recording_id AND b.last_time_us >= c.opened_us - 1000000
  AND b.first_time_us <= coalesce(c.closed_us + 1000000, 9223372036854775807)
CROSS JOIN events e ON e.id BETWEEN b.first_event_id AND b.last_event_id
  AND +e.connection_id = c.id;

CREATE VIEW connection_rtt AS -- the RTT samples of a connection
SELECT c.id AS connection_id, s.id, s.time_us, s.rtt_us, s.srtt_us, s.state
FROM connections c
CROSS JOIN batches b ON b.recording_id = c.recording_id AND b.last_time_us >= c.opened_us - 1000000
  AND b.first_time_us <= coalesce(c.closed_us + 1000000, 9223372036854775807)
CROSS JOIN rtt_samples s ON s.id BETWEEN b.first_rtt_sample_id AND b.last_rtt_sample_id
  AND +s.connection_id = c.id;

ALTER TABLE retention RENAME TO retention_4;
CREATE TABLE retention ( -- what the recorder has deleted for --max-size and --max-age; one row for each kind
  kind         TEXT PRIMARY KEY    -- connections: and listeners, batches and owners; open ones stay
    CHECK (kind IN ('connections', 'events', 'rtt_samples', 'traffic')), -- traffic: traffic_sums
  kept_from_us INTEGER,            -- what happened (connections: ended) from this moment on is all there; NULL: nothing was deleted
  deleted_rows INTEGER NOT NULL DEFAULT 0 -- so far; processes and cgroups are not counted
) STRICT, WITHOUT ROWID;
INSERT INTO retention SELECT * FROM retention_4;
INSERT INTO retention (kind) VALUES ('traffic');
DROP TABLE retention_4;
