-- Schema 3: listening sockets, connect() calls that fail before TCP, systemd slices.

CREATE TABLE listeners ( -- sockets that wait for connections; one row for each listen()
  id            INTEGER PRIMARY KEY, -- in the order recorded
  recording_id  INTEGER NOT NULL REFERENCES recordings, -- the run that saw it
  cookie        INTEGER NOT NULL, -- the socket's cookie, as in ss -le (there in hex)
  family        INTEGER NOT NULL, -- 4 or 6; one of family 6 may take IPv4 connections too
  local_address TEXT NOT NULL,    -- 0.0.0.0 or :: takes connections to any local address
  local_port    INTEGER NOT NULL, -- where it listens
  netns         INTEGER NOT NULL, -- inode number of the network namespace
  process_id    INTEGER NOT NULL DEFAULT 0 REFERENCES processes, -- the owner; see pid_source
  pid_source    TEXT NOT NULL     -- listener: it called listen(); scan: it had the socket open when the
    CHECK (pid_source IN ('listener', 'scan', 'unknown')), -- recorder started
  cgroup_id     INTEGER NOT NULL DEFAULT 0 REFERENCES cgroups, -- where the socket was made
  uid           INTEGER NOT NULL, -- owner of the socket (sk_uid)
  start_kind    TEXT NOT NULL     -- seen: its listen(); preexisting: older than the recording
    CHECK (start_kind IN ('seen', 'preexisting')),
  opened_us     INTEGER NOT NULL, -- listen() called; if preexisting: first seen
  closed_us     INTEGER           -- listens no more; NULL while it does; if its end was not seen: last seen
) STRICT;

CREATE VIEW listener_log AS -- one line per listening socket
SELECT l.id,
       strftime('%Y-%m-%dT%H:%M:%S', l.opened_us / 1000000, 'unixepoch')
         || printf('.%06dZ', l.opened_us % 1000000) AS opened,
       strftime('%Y-%m-%dT%H:%M:%S', l.closed_us / 1000000, 'unixepoch')
         || printf('.%06dZ', l.closed_us % 1000000) AS closed,
       p.pid, p.comm, p.exe, p.cmdline, l.uid, l.pid_source,
       l.family, l.local_address, l.local_port, l.start_kind, l.netns,
       g.path AS cgroup_path, g.container_id, g.systemd_unit, g.systemd_slice,
       r.hostname, l.opened_us, l.closed_us, l.process_id, l.cgroup_id, l.recording_id, l.cookie
FROM listeners l
JOIN recordings r ON r.id = l.recording_id
JOIN processes p ON p.id = l.process_id
JOIN cgroups g ON g.id = l.cgroup_id;

ALTER TABLE cgroups ADD COLUMN
  systemd_slice TEXT /* innermost *.slice of the path, if any */;

ALTER TABLE recordings ADD COLUMN
  connect_errors TEXT /* how a connect() that fails before TCP sends anything is seen:
                         tracepoint = sys_exit_connect; none = not seen, its rows are missing */
  CHECK (connect_errors IN ('tracepoint', 'none'));

INSERT INTO event_kinds VALUES
  (12, 'attempt', 'connect() failed before TCP sent anything', 'errno');

INSERT INTO errnos VALUES
  (1,   'EPERM',         'not permitted: a BPF program on this host forbade it'),
  (12,  'ENOMEM',        'no memory'),
  (22,  'EINVAL',        'invalid: a blackhole route leads there'),
  (64,  'ENONET',        'host is not on the network (ICMP source host isolated)'),
  (98,  'EADDRINUSE',    'the local address and port are in use'),
  (105, 'ENOBUFS',       'no memory');

DROP VIEW connection_log;
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
       c.retrans_segs, c.rtos, c.delivery_rate_bps, c.mss, c.congestion, c.netns,
       g.path AS cgroup_path, g.container_id, g.systemd_unit, g.systemd_slice,
       r.hostname, c.opened_us, c.established_us, c.closed_us,
       c.process_id, c.cgroup_id, c.recording_id, c.cookie, c.generation
FROM connections c
JOIN recordings r ON r.id = c.recording_id
JOIN processes p ON p.id = c.process_id
JOIN cgroups g ON g.id = c.cgroup_id
LEFT JOIN errnos e ON e.id = c.errno;
