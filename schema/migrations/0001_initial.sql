-- Schema 1.
--
-- Conventions, kept in every table:
--   *_us         microseconds; the name says of what: opened_us, time_us and the
--                like are points in time since the Unix epoch, UTC; rtt_us,
--                connect_us and duration_us are lengths of time
--   local, peer  the two ends, as this host sees them
--   bytes_*      TCP payload, each byte once: no headers, no SYN or FIN, no
--                retransmissions
--   NULL         not known, or has not happened
--   id 0         in processes and cgroups: unknown
-- Comments inside a CREATE statement are kept by SQLite: .schema shows them.

CREATE TABLE recordings ( -- one run of the recorder
  id              INTEGER PRIMARY KEY, -- in the order they were begun
  host_id         TEXT NOT NULL,    -- /etc/machine-id; tells hosts apart when files are put together
  hostname        TEXT NOT NULL,    -- uname -n
  boot_id         TEXT NOT NULL,    -- /proc/sys/kernel/random/boot_id
  kernel          TEXT NOT NULL,    -- uname -r
  ctrack_version  TEXT NOT NULL,    -- of the recorder
  cgroup_path     TEXT NOT NULL,    -- the cgroup2 directory whose sockets were recorded
  clock           TEXT NOT NULL,    -- the clock behind all times: boottime = CLOCK_BOOTTIME
  clock_offset_us INTEGER NOT NULL, -- wall clock minus that clock at the start; added to every time
  rtt_source      TEXT NOT NULL     -- unknown: no sample yet; measured: given by the kernel's callback;
    DEFAULT 'unknown'               -- rack: the callback gives none (before 6.10), RACK's newest RTT is used
    CHECK (rtt_source IN ('unknown', 'measured', 'rack')),
  rtt_mode        TEXT NOT NULL,    -- --rtt: every, off, or the least gap between two stored samples
  options         TEXT NOT NULL,    -- the options in force, one NAME=VALUE a line
  started_us      INTEGER NOT NULL, -- when the program was attached
  ended_us        INTEGER,          -- last moment recorded; NULL while it runs
  end_kind        TEXT NOT NULL     -- running: or the recorder was killed and not restarted since;
    DEFAULT 'running'               -- stopped: ended in order; crashed: found unfinished by the next one
    CHECK (end_kind IN ('running', 'stopped', 'crashed'))
) STRICT;

CREATE TABLE processes ( -- owners; one row for each program a process ran
  id                INTEGER PRIMARY KEY, -- 0 = unknown
  pid               INTEGER,  -- thread group id in the first pid namespace
  start_boottime_ns INTEGER,  -- the kernel's start time of the process; with pid it names one process
  started_us        INTEGER,  -- the same as a wall clock time
  comm              TEXT,     -- name of the main thread, at most 15 bytes
  exe               TEXT,     -- /proc/PID/exe; NULL if the process had gone when the recorder looked
  cmdline           TEXT,     -- /proc/PID/cmdline, arguments joined by blanks; NULL likewise
  uid               INTEGER,  -- real user id; NULL likewise
  parent_pid        INTEGER,  -- NULL likewise
  UNIQUE (pid, start_boottime_ns, comm)
) STRICT;
INSERT INTO processes (id) VALUES (0);

CREATE TABLE cgroups ( -- where a socket was made
  id           INTEGER PRIMARY KEY, -- 0 = unknown
  kernel_id    INTEGER,  -- inode number of the cgroup2 directory
  path         TEXT,     -- below the cgroup2 root, "/" for the root; NULL if it had gone
  container_id TEXT,     -- the 64 hex digits in the path, if any
  systemd_unit TEXT,     -- innermost *.service, *.scope or *.slice of the path, if any
  UNIQUE (kernel_id, path)
) STRICT;
INSERT INTO cgroups (id) VALUES (0);

CREATE TABLE connections ( -- one row for each end of a connection or attempt on this host
  id                INTEGER PRIMARY KEY, -- in the order recorded
  recording_id      INTEGER NOT NULL REFERENCES recordings, -- the run that saw it
  cookie            INTEGER NOT NULL, -- the socket's cookie, as in ss -e (there in hex)
  generation        INTEGER NOT NULL, -- 1, 2, ... for each connection made on that socket
  family            INTEGER,          -- 4 or 6; an IPv4-mapped IPv6 socket counts as 4
  local_address     TEXT,             -- of this end: dotted IPv4, or IPv6 (RFC 5952)
  local_port        INTEGER,          -- of this end
  peer_address      TEXT,             -- of the other end
  peer_port         INTEGER,          -- of the other end
  netns             INTEGER,          -- inode number of the network namespace
  direction         TEXT NOT NULL     -- active: this end called connect(); passive: it was accepted
    CHECK (direction IN ('active', 'passive', 'unknown')),
  process_id        INTEGER NOT NULL DEFAULT 0 REFERENCES processes, -- the owner; see pid_source
  pid_source        TEXT NOT NULL     -- how the owner is known: it called connect(), it called listen()
    CHECK (pid_source IN             -- (then perhaps a worker accepted), or it closed the accepted socket
      ('connect', 'listener', 'accept', 'closer', 'scan', 'unknown')),
  cgroup_id         INTEGER NOT NULL DEFAULT 0 REFERENCES cgroups, -- where the socket was made
  uid               INTEGER,          -- owner of the socket (sk_uid)
  start_kind        TEXT NOT NULL     -- seen: from its first packet; preexisting: older than the recording
    CHECK (start_kind IN ('seen', 'preexisting')),
  opened_us         INTEGER NOT NULL, -- connect() called, or accepted; if preexisting: first seen
  established_us    INTEGER,          -- three-way handshake done
  closed_us         INTEGER,          -- TCP_CLOSE reached (the active closer's TIME_WAIT is not counted)
  connect_us        INTEGER,          -- handshake: established_us - opened_us of an active connection
  duration_us       INTEGER,          -- closed_us - opened_us
  outcome           TEXT NOT NULL     -- open; closed: by FIN; never established: refused, timeout,
    CHECK (outcome IN                -- unreachable, aborted (given up by this end); established and then
      ('open', 'closed', 'refused',  -- cut off: reset (either end), timeout, unreachable;
       'timeout', 'unreachable',     -- lost: its end was not seen
       'reset', 'aborted', 'lost')),
  errno             INTEGER NOT NULL DEFAULT 0, -- sk_err at the close; see table errnos
  closed_by         TEXT              -- who sent the first FIN, or the reset; both: FINs crossed; NULL while open
    CHECK (closed_by IN ('local', 'peer', 'both', 'unknown')),
  rtt_min_us        INTEGER,          -- over all samples the kernel took, stored or not; NULL if none
  rtt_avg_us        REAL,             -- sum over all these samples by their number
  rtt_max_us        INTEGER,          -- the longest of them
  rtt_samples       INTEGER NOT NULL DEFAULT 0, -- how many the kernel took
  bytes_sent        INTEGER NOT NULL DEFAULT 0, -- tcp_sock bytes_sent - bytes_retrans
  bytes_received    INTEGER NOT NULL DEFAULT 0, -- tcp_sock bytes_received, the peer's FIN taken out
  segs_sent         INTEGER NOT NULL DEFAULT 0, -- segments, those without payload included (RFC 4898)
  segs_received     INTEGER NOT NULL DEFAULT 0, -- likewise
  retrans_segs      INTEGER NOT NULL DEFAULT 0, -- segments sent again, SYNs included (total_retrans)
  rtos              INTEGER NOT NULL DEFAULT 0, -- retransmission timeouts (RFC 6298)
  delivery_rate_bps INTEGER,          -- bits per second at the kernel's last rate sample
  mss               INTEGER           -- bytes per segment (mss_cache)
) STRICT;

CREATE TABLE event_kinds ( -- what events.kind means
  id          INTEGER PRIMARY KEY,   -- as in events.kind
  name        TEXT NOT NULL UNIQUE,  -- as event_log shows it
  description TEXT NOT NULL,         -- what has happened
  value       TEXT                   -- what events.value holds; NULL: nothing
) STRICT;
INSERT INTO event_kinds VALUES
  (1, 'connect',     'connect() sent its SYN',                         NULL),
  (2, 'accept',      'handshake done on the accepting side',           NULL),
  (3, 'established', 'handshake done on the connecting side',          'microseconds since connect'),
  (4, 'state',       'any other change of the TCP state',              NULL),
  (5, 'retransmit',  'segments sent again',                            'number of segments'),
  (6, 'rto',         'retransmission timeout',                         'timeouts in a row'),
  (7, 'close',       'TCP_CLOSE reached; the last event',              'errno, 0 = none'),
  (8, 'checkpoint',  'counters of an open connection refreshed',       NULL),
  (9, 'preexisting', 'first sight of a connection older than the recording', NULL);

CREATE TABLE tcp_states ( -- what events.old_state, events.new_state and rtt_samples.state mean
  id   INTEGER PRIMARY KEY, -- as in the kernel's tcp_states.h
  name TEXT NOT NULL UNIQUE -- without the prefix TCP_
) STRICT;
INSERT INTO tcp_states VALUES
  (1, 'ESTABLISHED'), (2, 'SYN_SENT'),   (3, 'SYN_RECV'), (4, 'FIN_WAIT1'),
  (5, 'FIN_WAIT2'),   (6, 'TIME_WAIT'),  (7, 'CLOSE'),    (8, 'CLOSE_WAIT'),
  (9, 'LAST_ACK'),    (10, 'LISTEN'),    (11, 'CLOSING'), (12, 'NEW_SYN_RECV');

CREATE TABLE errnos ( -- what connections.errno means (those that TCP sets; others show as numbers)
  id          INTEGER PRIMARY KEY,   -- Linux's number
  name        TEXT NOT NULL UNIQUE,  -- its symbol in errno.h
  description TEXT NOT NULL          -- what it means for a connection
) STRICT;
INSERT INTO errnos VALUES
  (13,  'EACCES',        'permission denied'),
  (32,  'EPIPE',         'broken pipe: reset after the peer had closed'),
  (71,  'EPROTO',        'protocol error'),
  (92,  'ENOPROTOOPT',   'protocol not available'),
  (95,  'EOPNOTSUPP',    'operation not supported'),
  (99,  'EADDRNOTAVAIL', 'no local address or port left'),
  (100, 'ENETDOWN',      'network is down'),
  (101, 'ENETUNREACH',   'network unreachable'),
  (103, 'ECONNABORTED',  'aborted on this host, as by ss -K'),
  (104, 'ECONNRESET',    'connection reset by peer'),
  (110, 'ETIMEDOUT',     'no answer in time'),
  (111, 'ECONNREFUSED',  'connection refused'),
  (112, 'EHOSTDOWN',     'host is down'),
  (113, 'EHOSTUNREACH',  'no route to host');

CREATE TABLE events ( -- everything that happened to a connection, in the order it was recorded
  id            INTEGER PRIMARY KEY, -- given by SQLite; batches holds the range of each commit
  connection_id INTEGER NOT NULL REFERENCES connections, -- what it happened to
  time_us       INTEGER NOT NULL, -- when the kernel called
  kind          INTEGER NOT NULL REFERENCES event_kinds, -- what happened
  old_state     INTEGER NOT NULL REFERENCES tcp_states, -- TCP state before; equal to new_state
  new_state     INTEGER NOT NULL REFERENCES tcp_states, -- where the event changed none
  value         INTEGER NOT NULL  -- see event_kinds.value
) STRICT;

CREATE TABLE rtt_samples ( -- round trip times as the kernel took them, in the order recorded
  id            INTEGER PRIMARY KEY, -- given by SQLite; batches holds the range of each commit
  connection_id INTEGER NOT NULL REFERENCES connections, -- whose round trip
  time_us       INTEGER NOT NULL, -- when the acknowledgement came
  rtt_us        INTEGER NOT NULL, -- length of the round trip; see recordings.rtt_source
  srtt_us       INTEGER NOT NULL, -- smoothed (RFC 6298); before this sample where rtt_source is rack
  state         INTEGER NOT NULL REFERENCES tcp_states -- after a FIN a delayed ACK can add 40 ms
) STRICT;

-- The sample and event tables have no index besides their id: one on
-- connection_id would cost the writer a factor of 20. A window in time is a
-- range of ids, found here.
CREATE TABLE batches ( -- one row for each commit: what it holds and what was lost since the one before
  id                  INTEGER PRIMARY KEY, -- in the order committed
  recording_id        INTEGER NOT NULL REFERENCES recordings, -- the run that committed
  committed_us        INTEGER NOT NULL, -- when
  first_time_us       INTEGER, -- earliest time of its events and samples; NULL without any
  last_time_us        INTEGER, -- latest time of them
  first_event_id      INTEGER, -- its events are those from this id; NULL without any
  last_event_id       INTEGER, -- to this
  first_rtt_sample_id INTEGER, -- its samples are those from this id; NULL without any
  last_rtt_sample_id  INTEGER, -- to this
  clock_step_us       INTEGER NOT NULL DEFAULT 0, -- step of the wall clock since the recording began
  lost_lifecycle_ring INTEGER NOT NULL DEFAULT 0, -- events lost: the lifecycle ring was full
  lost_sample_ring    INTEGER NOT NULL DEFAULT 0, -- RTT samples lost: the sample ring was full
  lost_no_storage     INTEGER NOT NULL DEFAULT 0, -- callbacks lost: the kernel had no memory for the socket
  lost_decode_reject  INTEGER NOT NULL DEFAULT 0  -- records the recorder did not understand
) STRICT;

-- For people and their SQL: ISO times, names instead of numbers, owner joined.

CREATE VIEW connection_log AS -- one line per connection
SELECT c.id,
       strftime('%Y-%m-%dT%H:%M:%S', c.opened_us / 1000000, 'unixepoch')
         || printf('.%06dZ', c.opened_us % 1000000)  AS opened,
       strftime('%Y-%m-%dT%H:%M:%S', c.closed_us / 1000000, 'unixepoch')
         || printf('.%06dZ', c.closed_us % 1000000)  AS closed,
       c.direction, p.pid, p.comm, p.exe, p.cmdline, c.uid, c.pid_source,
       c.family, c.local_address, c.local_port, c.peer_address, c.peer_port,
       c.outcome, e.name AS error, c.closed_by, c.start_kind,
       c.connect_us, c.duration_us,
       c.rtt_min_us, c.rtt_avg_us, c.rtt_max_us, c.rtt_samples,
       c.bytes_sent, c.bytes_received, c.segs_sent, c.segs_received,
       c.retrans_segs, c.rtos, c.delivery_rate_bps, c.mss, c.netns,
       g.path AS cgroup_path, g.container_id, g.systemd_unit,
       r.hostname, c.opened_us, c.established_us, c.closed_us,
       c.process_id, c.cgroup_id, c.recording_id, c.cookie, c.generation
FROM connections c
JOIN recordings r ON r.id = c.recording_id
JOIN processes p ON p.id = c.process_id
JOIN cgroups g ON g.id = c.cgroup_id
LEFT JOIN errnos e ON e.id = c.errno;

CREATE VIEW event_log AS -- one line per event
SELECT e.id,
       strftime('%Y-%m-%dT%H:%M:%S', e.time_us / 1000000, 'unixepoch')
         || printf('.%06dZ', e.time_us % 1000000) AS time,
       k.name AS kind, o.name AS old_state, n.name AS new_state, e.value,
       p.pid, p.comm, c.direction,
       c.local_address, c.local_port, c.peer_address, c.peer_port,
       e.connection_id, e.time_us
FROM events e
JOIN event_kinds k ON k.id = e.kind
JOIN tcp_states o ON o.id = e.old_state
JOIN tcp_states n ON n.id = e.new_state
JOIN connections c ON c.id = e.connection_id
JOIN processes p ON p.id = c.process_id;

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

CREATE VIEW loss_log AS -- one line per commit and cause of loss
SELECT strftime('%Y-%m-%dT%H:%M:%S', committed_us / 1000000, 'unixepoch')
         || printf('.%06dZ', committed_us % 1000000) AS time,
       cause, lost, id AS batch_id, recording_id, committed_us
FROM (SELECT *, 'lifecycle_ring' AS cause, lost_lifecycle_ring AS lost FROM batches
      UNION ALL SELECT *, 'sample_ring',   lost_sample_ring   FROM batches
      UNION ALL SELECT *, 'no_storage',    lost_no_storage    FROM batches
      UNION ALL SELECT *, 'decode_reject', lost_decode_reject FROM batches)
WHERE lost > 0;
