-- SPDX-License-Identifier: Apache-2.0
--
-- The format of a ctrack file, version 1 (PRAGMA user_version).
--
-- Conventions, kept in every table:
--   *_us         microseconds; the name says of what: opened_us, time_us and the
--                like are points in time since the Unix epoch, UTC; rtt_us,
--                connect_us and duration_us are lengths of time
--   local, peer  the two ends, as this host sees them
--   bytes_*      TCP payload, each byte once: no headers, no SYN or FIN, no
--                retransmissions
--   texts        valid UTF-8; a text from outside of ctrack may be escaped: each
--                byte that is no UTF-8, and each zero byte, is \xHH, as \xd0 or \x00
--                (two lower-case hex digits), and a backslash is \x5c where x00, x5c
--                or one of x80 to xff follows it; all other text is as it was
--   NULL         not known, or has not happened
--   id 0         in processes and cgroups: unknown
-- Comments inside a CREATE statement are kept by SQLite: .schema shows them, and
-- ctrack-query schema makes its descriptions of them. A comment belongs to the column
-- before it; a comment before the first column belongs to the table.

CREATE TABLE recordings ( -- one run of the recorder
  id              INTEGER PRIMARY KEY, -- ascends in the order in which recordings were begun
  host_id         TEXT NOT NULL,    -- /etc/machine-id; tells hosts apart when files are put together
  hostname        TEXT NOT NULL,    -- uname -n; may be escaped
  boot_id         TEXT NOT NULL,    -- /proc/sys/kernel/random/boot_id
  kernel          TEXT NOT NULL,    -- uname -r
  ctrack_version  TEXT NOT NULL,    -- version of the recorder
  cgroup_path     TEXT NOT NULL,    -- the cgroup2 directory whose sockets were recorded; may be escaped
  clock           TEXT NOT NULL,    -- the clock behind all times: boottime = CLOCK_BOOTTIME
  clock_offset_us INTEGER NOT NULL, -- wall clock minus that clock at the start; added to every time
  rtt_source      TEXT NOT NULL     -- unknown: no sample yet; measured: given by the kernel's callback;
    DEFAULT 'unknown'               -- rack: the callback gives none (before 6.10), RACK's newest RTT is used
    CHECK (rtt_source IN ('unknown', 'measured', 'rack')),
  rtt_mode        TEXT NOT NULL,    -- --rtt: every, off, or the least gap between two stored samples
  adoption        TEXT              -- how connections older than the recording are seen: callbacks = like
                                    -- all others; state tracepoint = their end but no RTT (before Linux 6.12)
    CHECK (adoption IN ('callbacks', 'state tracepoint')),
  connect_errors  TEXT              -- how a connect() that fails before TCP sends anything is seen:
                                    -- fexit = where inet_stream_connect() returns;
                                    -- task work = before the thread returns from the system call, where
                                    -- something suggests that it failed; tracepoint = sys_exit_connect;
                                    -- none = not seen, its rows are missing
    CHECK (connect_errors IN ('fexit', 'task work', 'tracepoint', 'none')),
  options         TEXT NOT NULL,    -- those in force, one NAME=VALUE a line, then older ones with "until TIME"; may be escaped
  started_us      INTEGER NOT NULL, -- when the recorder's BPF programs were attached
  ended_us        INTEGER,          -- last moment recorded; NULL while it runs, see heartbeat_us
  end_kind        TEXT NOT NULL     -- running: it runs, or it was killed and no other was started since;
    DEFAULT 'running'               -- stopped: ended in order; crashed: found unfinished by the next one
    CHECK (end_kind IN ('running', 'stopped', 'crashed')),
  heartbeat_us    INTEGER NOT NULL  -- until then everything is in the file, though perhaps nothing happened;
    DEFAULT 0,                      -- batches.committed_us may be later; 0: not written
  heartbeat_interval_us INTEGER NOT NULL -- while the recorder runs, one of these two is written at least so often
    DEFAULT 10000000
) STRICT;

CREATE TABLE host_checks ( -- what a recorder could see of its host when it started, as ctrack-recorder --check
  recording_id INTEGER NOT NULL REFERENCES recordings, -- the run that found it
  part         TEXT NOT NULL    -- of the host, or of the recorder's rights
    CHECK (part IN ('kernel', 'btf', 'cgroup2', 'namespaces', 'capabilities', 'lockdown', 'processes',
                    'network namespaces', 'memory', 'other programs', 'connect errors', 'accept',
                    'older connections', 'open files')),
  state        TEXT NOT NULL    -- ok: all that is needed; less: this file lacks something for it
    CHECK (state IN ('ok', 'less')),
  found        TEXT NOT NULL,   -- what was found, in words; may be escaped
  costs        TEXT NOT NULL,   -- what this file lacks; empty if nothing
  PRIMARY KEY (recording_id, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE processes ( -- owners; one row for each program a process ran, and name it had then
  id                INTEGER PRIMARY KEY, -- 0 = unknown
  pid               INTEGER,  -- thread group id in the first pid namespace
  start_boottime_ns INTEGER,  -- the kernel's start time of the process; with pid it names one process
  started_us        INTEGER,  -- the same as a wall clock time
  exec_id           INTEGER,  -- the kernel's count of exec(), which goes on after a fork(); tells one
                              -- program of the process from another
  comm              TEXT,     -- name of the main thread, at most 15 bytes; may be escaped: what is
                              -- no UTF-8, such as a cut letter, is \xHH (docs/schema.md)
  exe               TEXT,     -- /proc/PID/exe, or that of its parent if it was forked and ran no other
                              -- program; NULL if the process had gone when the recorder looked;
                              -- may be escaped
  cmdline           TEXT,     -- arguments joined by blanks, as they were when it was first an owner; if
                              -- it had no memory any more, because it was exiting: those of exe;
                              -- may be escaped
  uid               INTEGER,  -- real user id; NULL if it had gone
  parent_pid        INTEGER,  -- its parent's pid; NULL if it had gone
  UNIQUE (pid, start_boottime_ns, exec_id, comm)
) STRICT;
INSERT INTO processes (id) VALUES (0);

CREATE TABLE cgroups ( -- where a process was, or a socket was made
  id            INTEGER PRIMARY KEY, -- 0 = unknown
  kernel_id     INTEGER,  -- inode number of the cgroup2 directory
  path          TEXT,     -- below the cgroup2 root, "/" for the root; NULL if it had gone; may be
                          -- escaped, as may be the next ones
  container_id  TEXT,     -- the first 64 hex digits in the path; NULL below user@UID.service, where
                          -- a user chooses the names
  systemd_unit  TEXT,     -- the service, scope, socket, mount or swap below the slices that the path
                          -- begins with
  systemd_slice TEXT,     -- the last of these slices
  systemd_user_unit TEXT, -- the same below user@UID.service: a unit of that user's own systemd
  UNIQUE (kernel_id, path)
) STRICT;
INSERT INTO cgroups (id) VALUES (0);

CREATE TABLE connections ( -- one row for each end of a connection or attempt on this host
  id                INTEGER PRIMARY KEY, -- ascends in the order recorded
  recording_id      INTEGER NOT NULL REFERENCES recordings, -- the run that saw it
  cookie            INTEGER NOT NULL, -- the socket's cookie, as in ss -e (there in hex)
  generation        INTEGER NOT NULL, -- 1, 2, ... for each connection made on that socket; 0: connect()
                                      -- failed before TCP sent anything
  family            INTEGER,          -- 4 or 6; an IPv4-mapped IPv6 socket counts as 4
  local_address     TEXT,             -- address of this end: dotted IPv4, or IPv6 (RFC 5952)
  local_port        INTEGER,          -- port of this end
  peer_address      TEXT,             -- address of the other end
  peer_port         INTEGER,          -- port of the other end
  netns             INTEGER,          -- inode number of the network namespace
  ifindex           INTEGER,          -- number of the interface to which the socket is bound (SO_BINDTODEVICE,
                                      -- VRF, scope of a link-local address); NULL if it is not
  interface         TEXT,             -- name of that interface, such as eth0; may be escaped
  requested_address TEXT,             -- what connect() was called with, if a BPF program on it (cgroup/connect4
                                      -- or 6, as of Cilium) has put the peer in its place; else NULL
  requested_port    INTEGER,          -- port of that address
  nat_local_address TEXT,             -- this end as the other end knows it, if conntrack translates it on the
                                      -- way (SNAT of an active end, DNAT of a passive one); else NULL
  nat_local_port    INTEGER,          -- port of that address
  nat_peer_address  TEXT,             -- the other end as it knows itself, if conntrack translates it on the way
                                      -- (DNAT of an active end, SNAT of a passive one); else NULL
  nat_peer_port     INTEGER,          -- port of that address
  direction         TEXT NOT NULL     -- active: this end called connect(); passive: it was accepted
    CHECK (direction IN ('active', 'passive', 'unknown')),
  process_id        INTEGER NOT NULL DEFAULT 0 REFERENCES processes, -- the owner; see pid_source
  pid_source        TEXT NOT NULL     -- how the owner is known.
                                      -- connect: it called connect();
                                      -- listener: it called listen(), and nobody was seen to accept;
                                      -- accept: it called accept();
                                      -- closer: it closed the accepted socket, and another process or
                                      -- none was seen to accept;
                                      -- scan: it had the socket open when the recorder started;
                                      -- unknown: none of these was seen
    CHECK (pid_source IN ('connect', 'listener', 'accept', 'closer', 'scan', 'unknown')),
  cgroup_id         INTEGER NOT NULL DEFAULT 0 REFERENCES cgroups, -- where the owner was when it
                                      -- connected, accepted or closed, or was found; if nobody was seen
                                      -- to: where the socket was made
  socket_cgroup_id  INTEGER REFERENCES cgroups, -- where the socket was made; NULL: in cgroup_id
  uid               INTEGER,          -- owner of the socket (sk_uid)
  start_kind        TEXT NOT NULL     -- seen: from its first packet; preexisting: older than the recording
    CHECK (start_kind IN ('seen', 'preexisting')),
  opened_us         INTEGER NOT NULL, -- connect() called, or accepted; if that was before the recorder
                                      -- started: first seen
  established_us    INTEGER,          -- three-way handshake done
  closed_us         INTEGER,          -- TCP_CLOSE reached (the active closer's TIME_WAIT is not counted)
  counters_us       INTEGER,          -- when the counters of this row were read; NULL once it has ended: then
                                      -- they are those of the end; also NULL if no counters are known
  outcome           TEXT NOT NULL     -- open; closed: by FIN; never established: refused, timeout,
                                      -- unreachable, aborted (given up by this end); established and then
                                      -- cut off: reset (either end), timeout, unreachable; repair: taken
                                      -- down without a word to the peer (TCP_REPAIR);
                                      -- lost: its end was not seen
    CHECK (outcome IN ('open', 'closed', 'refused', 'timeout', 'unreachable', 'reset', 'aborted',
                       'repair', 'lost')),
  errno             INTEGER NOT NULL DEFAULT 0, -- the error that ended it (sk_err at the close), 0 if none
                                                -- did; see table errnos
  closed_by         TEXT              -- who sent the first FIN, or the reset; both: FINs crossed;
                                      -- NULL while open
    CHECK (closed_by IN ('local', 'peer', 'both', 'unknown')),
  rtt_min_us        INTEGER,          -- the shortest of all samples, stored or not; NULL if there was
                                      -- none. The kernel gives one in each round trip, though it
                                      -- measures with each ACK; see rtt_samples
  rtt_max_us        INTEGER,          -- the longest of all samples; NULL if none
  rtt_samples       INTEGER NOT NULL DEFAULT 0, -- how many samples the kernel gave, stored or not
  rtt_sum_us        INTEGER NOT NULL DEFAULT 0, -- sum of all samples; their average is this by their number
  srtt_us           INTEGER,          -- the kernel's smoothed RTT at the close, or when last refreshed; like the
                                      -- next two over every ACK, and as ss shows them; NULL if not known
  rtt_deviation_us  INTEGER,          -- mean deviation of the RTT (mdev_us)
  kernel_rtt_min_us INTEGER,          -- the kernel's own minimum, of the last five minutes unless
                                      -- net.ipv4.tcp_min_rtt_wlen is changed
  bytes_sent        INTEGER NOT NULL DEFAULT 0, -- payload that left this host, by the sequence numbers: tcp_sock
                                      -- bytes_acked + snd_nxt - snd_una, without SYN and FIN
  bytes_received    INTEGER NOT NULL DEFAULT 0, -- tcp_sock bytes_received, the peer's FIN taken out
  segs_sent         INTEGER NOT NULL DEFAULT 0, -- segments, those without payload included (RFC 4898); each
                                      -- attempt counts, also where this host itself refused to send
  segs_received     INTEGER NOT NULL DEFAULT 0, -- segments, those without payload included (RFC 4898)
  retrans_segs      INTEGER NOT NULL DEFAULT 0, -- segments sent again, SYNs included (total_retrans); attempts
                                      -- count too: see the event retransmit_failed
  rtos              INTEGER NOT NULL DEFAULT 0, -- retransmission timeouts (RFC 6298)
  retrans_fast_segs INTEGER NOT NULL DEFAULT 0, -- how much of retrans_segs was sent again as ACKs told of a
                                      -- loss (fast retransmit); like the next two only what the
                                      -- recorder saw, and not what this host itself refused to send
  retrans_tlp_segs  INTEGER NOT NULL DEFAULT 0, -- how much of it as a tail loss probe: the last segments had no
                                      -- ACK for two round trips (RFC 8985)
  retrans_timeout_segs INTEGER NOT NULL DEFAULT 0, -- how much of it after a retransmission timeout
  retrans_spurious_segs INTEGER NOT NULL DEFAULT 0, -- segments of which the peer said that it had them already
                                      -- (dsack_dups): sent again in vain, or doubled on the way
  busy_us           INTEGER NOT NULL DEFAULT 0, -- how long data waited to be sent or acknowledged, as busy of
                                      -- ss -ti; like the other lengths of time here in ticks of the
                                      -- kernel's clock, of 1 to 10 ms (CONFIG_HZ)
  rwnd_limited_us   INTEGER NOT NULL DEFAULT 0, -- how much of that the peer's receive window had no room
  sndbuf_limited_us INTEGER NOT NULL DEFAULT 0, -- how much of that the send buffer was full, so that the network
                                      -- could have taken more than the application was let write
  sent_ago_us       INTEGER,          -- how long before the counters were read data was sent last, for the
                                      -- first time or again; NULL: none was, or not known
  received_ago_us   INTEGER,          -- how long before the counters were read data came last; NULL: none did,
                                      -- or not known
  waits_for         TEXT              -- for whom it waited when the counters were read.
                                      -- peer: all that was sent has arrived, nothing came since sent_ago_us;
                                      -- local: data came, and nothing was sent since received_ago_us;
                                      -- NULL: neither, or it has ended
    CHECK (waits_for IN ('peer', 'local')),
  wait_for_peer_us  INTEGER NOT NULL DEFAULT 0, -- the longest wait for the peer that was seen, at the walks and at
                                      -- the end: for its answer, or while it had nothing to say
  wait_for_local_us INTEGER NOT NULL DEFAULT 0, -- the longest wait of the peer for this end that was seen
  delivery_rate_bps INTEGER,          -- bits per second at the kernel's last rate sample
  mss               INTEGER,          -- bytes per segment (mss_cache)
  congestion        TEXT,             -- name of the congestion control: cubic, bbr, ...
  ulp               TEXT,             -- name of the upper layer protocol, eight bytes at most; tls: the kernel
                                      -- encrypts, and bytes_* count its records; mptcp: a subflow; NULL: none
  is_untracked      INTEGER NOT NULL DEFAULT 0, -- 1: the kernel had no memory to remember the socket: no
                                      -- round trips, no counters before the close, and who accepted
                                      -- is not known; generation is 1, also of a later connection
  bytes_sent_before INTEGER NOT NULL DEFAULT 0, -- how much of bytes_sent had left this host before the recording
                                      -- met the connection; 0 if it was seen from its first packet
  bytes_received_before INTEGER NOT NULL DEFAULT 0, -- how much of bytes_received had come before that
  has_intervals     INTEGER NOT NULL DEFAULT 0 -- 1: its rows of the view intervals tell when bytes_* less
                                      -- bytes_*_before moved; 0: it has no such rows
) STRICT;

CREATE TABLE listeners ( -- sockets that wait for connections; one row for each listen()
  id            INTEGER PRIMARY KEY, -- ascends in the order recorded
  recording_id  INTEGER NOT NULL REFERENCES recordings, -- the run that saw it
  cookie        INTEGER NOT NULL, -- the socket's cookie, as in ss -le (there in hex)
  family        INTEGER NOT NULL, -- 4 or 6; one of family 6 may take IPv4 connections too
  local_address TEXT NOT NULL,    -- 0.0.0.0 or :: takes connections to any local address
  local_port    INTEGER NOT NULL, -- where it listens
  netns         INTEGER NOT NULL, -- inode number of the network namespace
  ifindex       INTEGER,          -- number of the interface to which the socket is bound; NULL if it is not
  interface     TEXT,             -- name of that interface; may be escaped
  process_id    INTEGER NOT NULL DEFAULT 0 REFERENCES processes, -- the owner; see pid_source
  pid_source    TEXT NOT NULL     -- how the owner is known: listener: it called listen();
                                  -- scan: it had the socket open when the recorder started
    CHECK (pid_source IN ('listener', 'scan', 'unknown')),
  cgroup_id     INTEGER NOT NULL DEFAULT 0 REFERENCES cgroups, -- where the socket was made
  uid           INTEGER NOT NULL, -- owner of the socket (sk_uid)
  start_kind    TEXT NOT NULL     -- seen: its listen(); preexisting: older than the recording
    CHECK (start_kind IN ('seen', 'preexisting')),
  opened_us     INTEGER NOT NULL, -- listen() called; if that was before the recorder started: first seen
  closed_us     INTEGER           -- it listens no more; NULL while it does; if its end was not seen:
                                  -- when it was last seen
) STRICT;

CREATE TABLE event_kinds ( -- what events.kind means
  id          INTEGER PRIMARY KEY,   -- as in events.kind
  name        TEXT NOT NULL UNIQUE,  -- as event_log shows it
  description TEXT NOT NULL,         -- what has happened
  value       TEXT                   -- what events.value holds; NULL: nothing
) STRICT;
INSERT INTO event_kinds VALUES
  (1,  'connect',     'connect() sent its SYN',                         NULL),
  (2,  'accept',      'handshake done on the accepting side',           'microseconds since the SYN-ACK, 0 = not known'),
  (3,  'established', 'handshake done on the connecting side',          'microseconds since connect'),
  (4,  'state',       'any other change of the TCP state',              NULL),
  (5,  'retransmit',  'segments sent again',                            'number of segments'),
  (6,  'rto',         'retransmission timeout',                         'timeouts in a row'),
  (7,  'close',       'TCP_CLOSE reached; only a reset may follow',     'errno, 0 = none'),
  (8,  'checkpoint',  'counters of an open connection refreshed',       NULL),
  (9,  'preexisting', 'first sight of a connection older than the recording', NULL),
  (12, 'attempt',     'connect() failed before TCP sent anything',      'errno'),
  (13, 'reset',       'this host sent a reset after its own FIN',       NULL),
  (14, 'retransmit_failed', 'segments not sent again: this host itself refused (queue full, firewall, no route)',
                                                                        'number of segments');

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
  (1,   'EPERM',         'not permitted: a BPF program on this host forbade it'),
  (12,  'ENOMEM',        'no memory'),
  (13,  'EACCES',        'permission denied'),
  (22,  'EINVAL',        'invalid: a blackhole route leads there'),
  (32,  'EPIPE',         'broken pipe: reset after the peer had closed'),
  (64,  'ENONET',        'host is not on the network (ICMP source host isolated)'),
  (71,  'EPROTO',        'protocol error'),
  (92,  'ENOPROTOOPT',   'protocol not available'),
  (95,  'EOPNOTSUPP',    'operation not supported'),
  (97,  'EAFNOSUPPORT',  'an address of another family than the socket''s'),
  (98,  'EADDRINUSE',    'the local address and port are in use'),
  (99,  'EADDRNOTAVAIL', 'no local address or port left'),
  (100, 'ENETDOWN',      'network is down'),
  (101, 'ENETUNREACH',   'network unreachable'),
  (103, 'ECONNABORTED',  'aborted on this host, as by ss -K'),
  (104, 'ECONNRESET',    'connection reset by peer'),
  (105, 'ENOBUFS',       'no memory'),
  (110, 'ETIMEDOUT',     'no answer in time'),
  (111, 'ECONNREFUSED',  'connection refused'),
  (112, 'EHOSTDOWN',     'host is down'),
  (113, 'EHOSTUNREACH',  'no route to host');

-- Events and RTT samples are most of a file. Neither table has an index besides its id: one on
-- connection_id would cost the recorder twenty times its CPU. A window in time is a range of ids,
-- which batches tells.

CREATE TABLE events ( -- everything that happened to a connection, in the order it was recorded
  id            INTEGER PRIMARY KEY, -- given by SQLite; batches holds the range of each commit
  connection_id INTEGER NOT NULL REFERENCES connections, -- what it happened to
  time_us       INTEGER NOT NULL, -- when the kernel called
  kind          INTEGER NOT NULL REFERENCES event_kinds, -- what happened
  old_state     INTEGER NOT NULL REFERENCES tcp_states, -- TCP state before the event
  new_state     INTEGER NOT NULL REFERENCES tcp_states, -- TCP state after it, which may be the same
  value         INTEGER NOT NULL  -- see event_kinds.value
) STRICT;

-- There are many times more samples than events, so they are stored in three bytes less each, in
-- packed_rtt_samples. The view rtt_samples shows them in the units of all other tables. Its columns
-- are cast to INTEGER so that they compare with text as columns of a table do.

CREATE TABLE packed_rtt_samples ( -- what the view rtt_samples shows, in fewer bytes
  id               INTEGER PRIMARY KEY, -- given by SQLite; batches holds the range of each commit
  connection_id    INTEGER NOT NULL REFERENCES connections, -- whose round trip
  since_2030_us    INTEGER NOT NULL, -- time_us - 1900000000000000: six bytes instead of eight until 2034
  rtt_state        INTEGER NOT NULL, -- rtt_us while ESTABLISHED; in other states -(rtt_us * 16 + state)
  srtt_less_rtt_us INTEGER NOT NULL  -- srtt_us - rtt_us
) STRICT;

CREATE VIEW rtt_samples AS -- round trip times, of which the kernel gives one in each round trip, in the order recorded
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

-- An interval is what one connection moved between two walks over the open sockets. All
-- intervals of a batch share their two times, which therefore stand in batches.

CREATE TABLE packed_intervals ( -- what the view intervals shows, in fewer bytes
  id             INTEGER PRIMARY KEY, -- given by SQLite; batches holds the range of each commit
  connection_id  INTEGER NOT NULL REFERENCES connections, -- whose counters moved
  bytes_sent     INTEGER NOT NULL, -- what was added to connections.bytes_sent
  bytes_received INTEGER NOT NULL, -- what was added to connections.bytes_received
  segs           INTEGER NOT NULL, -- both below 128: (segs_sent << 7) + segs_received; both below 4096:
                                   -- -1 - (segs_sent << 12) - segs_received; else: 16384
                                   -- + (segs_sent << 24) + segs_received
  held_up        INTEGER NOT NULL  -- (retrans_segs << 42) + (rwnd_limited << 28) + (sndbuf_limited << 14)
                                   -- + busy, these three in 10 ms; what is left over comes with
                                   -- the next row
) STRICT;

CREATE TABLE batches ( -- one row for each commit: what it holds and what was lost since the one before
  id                  INTEGER PRIMARY KEY, -- ascends in the order committed
  recording_id        INTEGER NOT NULL REFERENCES recordings, -- the run that committed
  committed_us        INTEGER NOT NULL, -- when it was committed
  first_time_us       INTEGER, -- earliest time of its events and samples, and intervals_from_us; NULL
                               -- without any
  last_time_us        INTEGER, -- latest time of its events and samples, of the opening of its new
                               -- connections, and intervals_until_us; NULL without any
  first_event_id      INTEGER, -- the first of its events; NULL without any
  last_event_id       INTEGER, -- the last of its events; NULL without any
  first_rtt_sample_id INTEGER, -- the first of its samples; NULL without any
  last_rtt_sample_id  INTEGER, -- the last of its samples; NULL without any
  first_interval_id   INTEGER, -- the first of its intervals; NULL without any
  last_interval_id    INTEGER, -- the last of its intervals; NULL without any
  intervals_from_us   INTEGER, -- when its intervals begin: the walk before theirs; NULL without any
  intervals_until_us  INTEGER, -- when its intervals end: the newest time at which one of their
                               -- connections was looked at; NULL without any
  first_connection_id INTEGER, -- the first of the connections that it is the first to tell of; NULL without any
  last_connection_id  INTEGER, -- the last of these connections; NULL without any
  first_opened_us     INTEGER, -- when the first of these connections was opened; NULL without any
  clock_step_us       INTEGER NOT NULL DEFAULT 0, -- step of the wall clock since the recording began
  lost_lifecycle_ring INTEGER NOT NULL DEFAULT 0, -- events lost: the lifecycle ring was full
  lost_sample_ring    INTEGER NOT NULL DEFAULT 0, -- RTT samples lost: the sample ring was full
  lost_netns          INTEGER NOT NULL DEFAULT 0, -- network namespaces that could not be entered at the start: of
                                                  -- older connections there no RTT and no retransmission is seen
  lost_no_storage     INTEGER NOT NULL DEFAULT 0, -- what the kernel had no memory to remember: round
                                                  -- trips, attempts, older sockets
  lost_decode_reject  INTEGER NOT NULL DEFAULT 0, -- records the recorder did not understand
  lost_file           INTEGER NOT NULL DEFAULT 0  -- events and RTT samples that were in the file before this
                                                  -- one, which another program has deleted or cut short
) STRICT;

-- Its first two columns tell which batches overlap a window. The others are there so that SQLite
-- finds the connections of a window without a look at each batch.
CREATE INDEX batches_in_time ON batches
  (last_time_us, first_time_us, first_opened_us, first_connection_id, last_connection_id, recording_id);

CREATE INDEX batches_with_losses ON batches (id)
  WHERE lost_lifecycle_ring > 0 OR lost_sample_ring > 0 OR lost_no_storage > 0
     OR lost_netns > 0
     OR lost_decode_reject > 0 OR lost_file > 0;

CREATE INDEX batches_with_intervals ON batches
  (intervals_until_us, intervals_from_us, first_interval_id, last_interval_id)
  WHERE first_interval_id IS NOT NULL;

CREATE VIEW intervals AS -- what each connection moved between two walks, in the order recorded
SELECT p.id, -- given by SQLite; batches holds the range of each commit
       p.connection_id, -- whose counters moved
       b.intervals_from_us AS from_us, -- the interval begins: the walk before
       b.intervals_until_us AS until_us, -- the interval ends
       p.bytes_sent, -- what was added to connections.bytes_sent
       p.bytes_received, -- what was added to connections.bytes_received
       CAST(CASE WHEN p.segs < 0 THEN ~p.segs >> 12 WHEN p.segs < 16384 THEN p.segs >> 7
                 ELSE p.segs - 16384 >> 24 END AS INTEGER)
         AS segs_sent, -- what was added to connections.segs_sent
       CAST(CASE WHEN p.segs < 0 THEN ~p.segs & 4095 WHEN p.segs < 16384 THEN p.segs & 127
                 ELSE p.segs - 16384 & 16777215 END AS INTEGER)
         AS segs_received, -- what was added to connections.segs_received
       CAST(p.held_up >> 42 AS INTEGER)
         AS retrans_segs, -- what was added to connections.retrans_segs
       CAST((p.held_up & 16383) * 10000 AS INTEGER)
         AS busy_us, -- how long data was on its way or held up, the next two included
       CAST((p.held_up >> 28 & 16383) * 10000 AS INTEGER)
         AS rwnd_limited_us, -- how long the peer's receive window held data up
       CAST((p.held_up >> 14 & 16383) * 10000 AS INTEGER)
         AS sndbuf_limited_us -- how long the send buffer held data up
FROM batches b
CROSS JOIN packed_intervals p ON p.id BETWEEN b.first_interval_id AND b.last_interval_id
WHERE b.first_interval_id IS NOT NULL;

-- No connection tells of an attempt to connect that this host turned away. These two tables do:
-- their rows are few, one for each time in which there was something to tell, in the order of time.

CREATE TABLE accept_queues ( -- connections that waited for accept(), and what a listener dropped
  recording_id INTEGER NOT NULL REFERENCES recordings, -- the run that saw it
  until_us     INTEGER NOT NULL, -- when the row's numbers were read, from the socket of the listener
  listener_id  INTEGER NOT NULL REFERENCES listeners, -- whose queue
  from_us      INTEGER NOT NULL, -- the row tells what happened since then; at most some ten seconds before
  queue_len    INTEGER NOT NULL, -- connections that waited at until_us (sk_ack_backlog)
  queue_max    INTEGER NOT NULL, -- the most that were seen waiting since from_us: see docs/kernel.md
  queue_limit  INTEGER NOT NULL, -- a SYN is dropped where more wait than this (sk_max_ack_backlog: what
                                 -- listen() asked for, at most net.core.somaxconn)
  drops        INTEGER NOT NULL, -- packets that the listener dropped since from_us for whatever reason
                                 -- (sk_drops): see docs/kernel.md
  PRIMARY KEY (recording_id, until_us, listener_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE netns_counters ( -- what the kernel counts in a network namespace, whichever socket it was for
  recording_id     INTEGER NOT NULL REFERENCES recordings, -- the run that read it
  until_us         INTEGER NOT NULL, -- when the counters were read: about each ten seconds
  netns            INTEGER NOT NULL, -- inode number of the network namespace
  from_us          INTEGER NOT NULL, -- the numbers are what was counted since then
  attempt_fails    INTEGER NOT NULL, -- handshakes that failed, of either side (TcpAttemptFails)
  resets_sent      INTEGER NOT NULL, -- resets sent (TcpOutRsts), those of connections included, and answers
                                     -- for closed ports
  listen_overflows INTEGER NOT NULL, -- SYNs and handshakes held up as an accept queue was full
                                     -- (TcpExtListenOverflows)
  listen_drops     INTEGER NOT NULL, -- SYNs and handshakes dropped at listeners for whatever reason,
                                     -- listen_overflows included (TcpExtListenDrops)
  syn_queue_drops  INTEGER NOT NULL, -- SYNs dropped, as too many were half-open (TcpExtTCPReqQFullDrop)
  syn_cookies_sent INTEGER NOT NULL, -- SYNs answered by a cookie, as too many were half-open
                                     -- (TcpExtSyncookiesSent)
  PRIMARY KEY (recording_id, until_us, netns)
) STRICT, WITHOUT ROWID;

-- Where the connections of a window are is told by batches and by this table. The table
-- connections has no index on opened_us: it would cost the recorder a sixth of its CPU. Ids
-- ascend with the time of opening, with few exceptions.

CREATE TABLE long_connections ( -- those that are open, or were for more than ten minutes, or are in no batch
  connection_id INTEGER PRIMARY KEY REFERENCES connections, -- which connection
  closed_us     INTEGER -- as in connections; NULL: it was open at the last commit that told of it
) STRICT;

-- In the tables of sums each byte, round trip and end is counted once, when a commit
-- tells of it: a long connection counts in each of its days. A connection that goes on while
-- the recorder is started anew is one connection.

CREATE TABLE traffic_sums ( -- sums of each day, program, peer and service; see the view traffic
  begin_us       INTEGER NOT NULL, -- begin of the day, UTC
  comm           TEXT NOT NULL,    -- name of the program, as in processes; '' = not known
  peer_address   TEXT NOT NULL,    -- as in connections; '' = not known, or too many in one commit
  service_port   INTEGER NOT NULL, -- where this end listened or to which it connected; if neither is
                                   -- known, the lower of the two; 0 = none
  direction      TEXT NOT NULL     -- as in connections
    CHECK (direction IN ('active', 'passive', 'unknown')),
  pid            INTEGER,          -- pid of the one process that did all of it; NULL: several, or not known
  connections    INTEGER NOT NULL DEFAULT 0, -- connections and attempts first seen on this day
  opened         INTEGER NOT NULL DEFAULT 0, -- how many of these connections were not older than the recording
  closed         INTEGER NOT NULL DEFAULT 0, -- ended on this day with the outcome closed
  refused        INTEGER NOT NULL DEFAULT 0, -- ended on this day with the outcome refused
  timeout        INTEGER NOT NULL DEFAULT 0, -- ended on this day with the outcome timeout
  unreachable    INTEGER NOT NULL DEFAULT 0, -- ended on this day with the outcome unreachable
  reset          INTEGER NOT NULL DEFAULT 0, -- ended on this day with the outcome reset
  aborted        INTEGER NOT NULL DEFAULT 0, -- ended on this day with the outcome aborted
  repair         INTEGER NOT NULL DEFAULT 0, -- ended on this day with the outcome repair
  lost           INTEGER NOT NULL DEFAULT 0, -- ended on this day with the outcome lost
  bytes_sent     INTEGER NOT NULL DEFAULT 0, -- payload sent on this day
  bytes_received INTEGER NOT NULL DEFAULT 0, -- payload received on this day
  retrans_segs   INTEGER NOT NULL DEFAULT 0, -- segments sent again on this day
  rtt_samples    INTEGER NOT NULL DEFAULT 0, -- samples taken on this day, stored or not
  rtt_sum_us     INTEGER NOT NULL DEFAULT 0, -- sum of the samples taken on this day
  rtt_min_us     INTEGER,          -- the shortest sample of the connections that had some on this day,
                                   -- since they were opened
  rtt_max_us     INTEGER,          -- the longest sample of the connections that had some on this day,
                                   -- since they were opened
  PRIMARY KEY (begin_us, comm, peer_address, service_port, direction)
) STRICT, WITHOUT ROWID;

CREATE TABLE traffic_recent ( -- what newer commits add to the sums, up to a few thousand rows
  id             INTEGER PRIMARY KEY, -- ascends in the order recorded
  begin_us       INTEGER NOT NULL, -- as in traffic_sums
  comm           TEXT NOT NULL,    -- as in traffic_sums
  peer_address   TEXT NOT NULL,    -- as in traffic_sums
  service_port   INTEGER NOT NULL, -- as in traffic_sums
  direction      TEXT NOT NULL,    -- as in traffic_sums
  pid            INTEGER,          -- as in traffic_sums
  connections    INTEGER NOT NULL, -- as in traffic_sums
  opened         INTEGER NOT NULL, -- as in traffic_sums
  closed         INTEGER NOT NULL, -- as in traffic_sums
  refused        INTEGER NOT NULL, -- as in traffic_sums
  timeout        INTEGER NOT NULL, -- as in traffic_sums
  unreachable    INTEGER NOT NULL, -- as in traffic_sums
  reset          INTEGER NOT NULL, -- as in traffic_sums
  aborted        INTEGER NOT NULL, -- as in traffic_sums
  repair         INTEGER NOT NULL, -- as in traffic_sums
  lost           INTEGER NOT NULL, -- as in traffic_sums
  bytes_sent     INTEGER NOT NULL, -- as in traffic_sums
  bytes_received INTEGER NOT NULL, -- as in traffic_sums
  retrans_segs   INTEGER NOT NULL, -- as in traffic_sums
  rtt_samples    INTEGER NOT NULL, -- as in traffic_sums
  rtt_sum_us     INTEGER NOT NULL, -- as in traffic_sums
  rtt_min_us     INTEGER, -- as in traffic_sums
  rtt_max_us     INTEGER  -- as in traffic_sums
) STRICT;

CREATE TABLE minutes ( -- sums of each minute, program, service port and direction, of no peer; they outlive all else
  id             INTEGER PRIMARY KEY, -- ascends in the order recorded
  begin_us       INTEGER NOT NULL, -- begin of the minute, UTC; several rows may have this and the next three in
                                   -- common, as after a restart: add them up
  comm           TEXT NOT NULL,    -- name of the program, as in processes; '' = not known, or too many in one minute
  service_port   INTEGER NOT NULL, -- as in traffic_sums
  direction      TEXT NOT NULL     -- as in connections
    CHECK (direction IN ('active', 'passive', 'unknown')),
  connections    INTEGER NOT NULL DEFAULT 0, -- connections and attempts opened, or first seen, in this minute
  opened         INTEGER NOT NULL DEFAULT 0, -- how many of these were not older than the recording
  closed         INTEGER NOT NULL DEFAULT 0, -- ended in this minute with the outcome closed
  refused        INTEGER NOT NULL DEFAULT 0, -- ended in this minute with the outcome refused
  timeout        INTEGER NOT NULL DEFAULT 0, -- ended in this minute with the outcome timeout
  unreachable    INTEGER NOT NULL DEFAULT 0, -- ended in this minute with the outcome unreachable
  reset          INTEGER NOT NULL DEFAULT 0, -- ended in this minute with the outcome reset
  aborted        INTEGER NOT NULL DEFAULT 0, -- ended in this minute with the outcome aborted
  repair         INTEGER NOT NULL DEFAULT 0, -- ended in this minute with the outcome repair
  lost           INTEGER NOT NULL DEFAULT 0, -- ended in this minute with the outcome lost
  bytes_sent     INTEGER NOT NULL DEFAULT 0, -- payload sent: counted when the connection's row is renewed, at its
                                             -- end and up to ten seconds late before that; what an older
                                             -- connection had moved before it was first seen is left out
  bytes_received INTEGER NOT NULL DEFAULT 0, -- payload received, in the same way
  retrans_segs   INTEGER NOT NULL DEFAULT 0, -- segments sent again, in the same way
  rtt_samples    INTEGER NOT NULL DEFAULT 0, -- samples of this minute that were stored
  rtt_sum_us     INTEGER NOT NULL DEFAULT 0, -- their sum
  rtt_min_us     INTEGER,          -- the shortest of them; NULL if none
  rtt_max_us     INTEGER,          -- the longest of them; NULL if none
  rtts           TEXT NOT NULL     -- how many of them are in which bucket, as JSON: {"72":3,"73":1}; the view
    DEFAULT '{}'                   -- minute_rtts has each bucket as a row, with its bounds
) STRICT;

CREATE TABLE retention ( -- what the recorder has deleted for --max-size and --max-age
  kind         TEXT PRIMARY KEY    -- connections: listeners, accept_queues, netns_counters, batches and
                                   -- owners too, but no open connection; events; rtt_samples;
                                   -- intervals; traffic: rows of traffic_sums; minutes
    CHECK (kind IN ('connections', 'events', 'rtt_samples', 'intervals', 'traffic', 'minutes')),
  kept_from_us INTEGER,            -- all that happened (connections: ended) from this moment on is there;
                                   -- NULL: nothing was deleted
  deleted_rows INTEGER NOT NULL DEFAULT 0 -- rows deleted so far; processes and cgroups are not counted
) STRICT, WITHOUT ROWID;
INSERT INTO retention (kind) VALUES
  ('connections'), ('events'), ('rtt_samples'), ('intervals'), ('traffic'), ('minutes');

CREATE TABLE snapshots ( -- recordings of which this file holds one window alone; no row: it was not cut
  recording_id  INTEGER PRIMARY KEY REFERENCES recordings, -- which recording was cut
  begin_us      INTEGER NOT NULL, -- the window begins at this moment
  end_us        INTEGER NOT NULL, -- the window ends just before this moment
  made_us       INTEGER NOT NULL, -- when it was cut
  is_filtered   INTEGER NOT NULL, -- 1: only some of the connections are here; 0: all that were alive in the window
  anonymize_level TEXT            -- NULL: addresses and names are the real ones; strict: none is;
                                  -- names: those of widely known programs are, no others
    CHECK (anonymize_level IN ('strict', 'names'))
) STRICT;

-- The views are for people and their SQL: ISO times, names instead of numbers, owner joined.
-- Lengths and averages are cast so that they compare with text as columns of a table do.

CREATE VIEW connection_log AS -- one line per connection
SELECT c.id,
       strftime('%Y-%m-%dT%H:%M:%S', c.opened_us / 1000000, 'unixepoch')
         || printf('.%06dZ', c.opened_us % 1000000) AS opened, -- ISO 8601, UTC
       strftime('%Y-%m-%dT%H:%M:%S', c.closed_us / 1000000, 'unixepoch')
         || printf('.%06dZ', c.closed_us % 1000000) AS closed, -- ISO 8601, UTC
       c.direction, p.pid, p.comm, p.exe, p.cmdline, c.uid, c.pid_source,
       c.family, c.local_address, c.local_port, c.peer_address, c.peer_port,
       c.ifindex, c.interface, c.requested_address, c.requested_port, c.nat_local_address,
       c.nat_local_port, c.nat_peer_address, c.nat_peer_port,
       c.outcome, e.name AS error, -- name of the errno
       c.closed_by, c.start_kind,
       CAST(iif(c.direction = 'active', c.established_us - c.opened_us, NULL) AS INTEGER)
         AS connect_us, -- handshake: established_us - opened_us of an active connection
       CAST(c.closed_us - c.opened_us AS INTEGER)
         AS duration_us, -- closed_us - opened_us
       c.rtt_min_us,
       CAST(c.rtt_sum_us * 1.0 / c.rtt_samples AS REAL)
         AS rtt_avg_us, -- average of all samples the kernel gave, stored or not; NULL if none
       c.rtt_max_us, c.rtt_samples, c.srtt_us, c.rtt_deviation_us, c.kernel_rtt_min_us,
       c.bytes_sent, c.bytes_received, c.segs_sent, c.segs_received,
       c.retrans_segs, c.rtos, c.retrans_fast_segs, c.retrans_tlp_segs, c.retrans_timeout_segs,
       c.retrans_spurious_segs, c.busy_us, c.rwnd_limited_us, c.sndbuf_limited_us, c.sent_ago_us,
       c.received_ago_us, c.waits_for, c.wait_for_peer_us, c.wait_for_local_us, c.delivery_rate_bps, c.mss, c.congestion, c.ulp, c.is_untracked,
       c.netns,
       g.path AS cgroup_path, -- see cgroups.path
       g.container_id, g.systemd_unit, g.systemd_slice, g.systemd_user_unit,
       (SELECT path FROM cgroups WHERE id = coalesce(c.socket_cgroup_id, c.cgroup_id))
         AS socket_cgroup_path, -- path of the cgroup where the socket was made
       r.hostname, c.opened_us, c.established_us, c.closed_us,
       c.process_id, c.cgroup_id, c.recording_id, c.cookie, c.generation
FROM connections c
JOIN recordings r ON r.id = c.recording_id
JOIN processes p ON p.id = c.process_id
JOIN cgroups g ON g.id = c.cgroup_id
LEFT JOIN errnos e ON e.id = c.errno;

CREATE VIEW listener_log AS -- one line per listening socket
SELECT l.id,
       strftime('%Y-%m-%dT%H:%M:%S', l.opened_us / 1000000, 'unixepoch')
         || printf('.%06dZ', l.opened_us % 1000000) AS opened, -- ISO 8601, UTC
       strftime('%Y-%m-%dT%H:%M:%S', l.closed_us / 1000000, 'unixepoch')
         || printf('.%06dZ', l.closed_us % 1000000) AS closed, -- ISO 8601, UTC
       p.pid, p.comm, p.exe, p.cmdline, l.uid, l.pid_source,
       l.family, l.local_address, l.local_port, l.ifindex, l.interface, l.start_kind, l.netns,
       g.path AS cgroup_path, -- see cgroups.path
       g.container_id, g.systemd_unit, g.systemd_slice, g.systemd_user_unit,
       r.hostname, l.opened_us, l.closed_us, l.process_id, l.cgroup_id, l.recording_id, l.cookie
FROM listeners l
JOIN recordings r ON r.id = l.recording_id
JOIN processes p ON p.id = l.process_id
JOIN cgroups g ON g.id = l.cgroup_id;

CREATE VIEW event_log AS -- one line per event
SELECT e.id,
       strftime('%Y-%m-%dT%H:%M:%S', e.time_us / 1000000, 'unixepoch')
         || printf('.%06dZ', e.time_us % 1000000) AS time, -- ISO 8601, UTC
       k.name AS kind, -- what happened
       o.name AS old_state, n.name AS new_state, e.value, -- see event_kinds.value
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
         || printf('.%06dZ', s.time_us % 1000000) AS time, -- ISO 8601, UTC
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
         || printf('.%06dZ', committed_us % 1000000) AS time, -- ISO 8601, UTC
       cause, -- why it was lost
       lost, -- how many
       id AS batch_id, -- the commit that counted it
       recording_id, committed_us
FROM (SELECT id, recording_id, committed_us, 'lifecycle_ring' AS cause, lost_lifecycle_ring AS lost FROM batches
      UNION ALL SELECT id, recording_id, committed_us, 'sample_ring',   lost_sample_ring   FROM batches
      UNION ALL SELECT id, recording_id, committed_us, 'no_storage',    lost_no_storage    FROM batches
      UNION ALL SELECT id, recording_id, committed_us, 'netns',         lost_netns         FROM batches
      UNION ALL SELECT id, recording_id, committed_us, 'decode_reject', lost_decode_reject FROM batches
      UNION ALL SELECT id, recording_id, committed_us, 'file',          lost_file          FROM batches)
WHERE lost > 0;

CREATE VIEW traffic AS -- the rows of traffic_sums and traffic_recent, of which several may have one key
SELECT begin_us, comm, pid, peer_address, service_port, direction, connections, opened, closed,
       refused, timeout, unreachable, reset, aborted, repair, lost, bytes_sent, bytes_received,
       retrans_segs, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us
FROM traffic_sums
UNION ALL
SELECT begin_us, comm, pid, peer_address, service_port, direction, connections, opened, closed,
       refused, timeout, unreachable, reset, aborted, repair, lost, bytes_sent, bytes_received,
       retrans_segs, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us
FROM traffic_recent;

CREATE VIEW minute_rtts AS -- how many RTT samples of each minute were how long, in 16 buckets for each power of two
SELECT begin_us, comm, service_port, direction, bucket, -- its number; up to 31 it is the round trip itself
       CAST(iif(bucket < 16, bucket, (16 + bucket % 16) << (bucket / 16 - 1)) AS INTEGER)
         AS rtt_from_us, -- the shortest round trip in it
       CAST(iif(bucket < 32, bucket, ((17 + bucket % 16) << (bucket / 16 - 1)) - 1) AS INTEGER)
         AS rtt_to_us, -- the longest; the middle of both is at most 3.2 % off
       samples, -- how many were stored
       minute_id -- id of the row of minutes
FROM (SELECT m.id AS minute_id, m.begin_us, m.comm, m.service_port, m.direction,
             CAST(j.key AS INTEGER) AS bucket, CAST(j.value AS INTEGER) AS samples
      FROM minutes m, json_each(m.rtts) j);

-- The next three views are to be asked for one connection_id, or for few: they look for a
-- connection's rows in the commits of its time only.

CREATE VIEW connection_events AS -- the events of a connection
SELECT c.id AS connection_id, e.id, e.time_us, e.kind, e.old_state, e.new_state,
       e.value -- see event_kinds.value
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

CREATE VIEW connection_intervals AS -- the intervals of a connection
SELECT c.id AS connection_id, i.id,
       i.from_us, -- the interval begins: the walk before
       i.until_us, -- the interval ends
       i.bytes_sent, -- what was added to connections.bytes_sent
       i.bytes_received, -- what was added to connections.bytes_received
       i.segs_sent, -- what was added to connections.segs_sent
       i.segs_received, -- what was added to connections.segs_received
       i.retrans_segs, -- what was added to connections.retrans_segs
       i.busy_us, -- how long data was on its way or held up, the next two included
       i.rwnd_limited_us, -- how long the peer's receive window held data up
       i.sndbuf_limited_us -- how long the send buffer held data up
FROM connections c
CROSS JOIN intervals i ON i.until_us >= c.opened_us
  AND i.from_us <= coalesce(c.closed_us, 9223372036854775807)
  AND +i.connection_id = c.id;
