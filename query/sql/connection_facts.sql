-- A connection with its owner, its place and its ends as ADDRESS:PORT. This is the view
-- connection_facts, of all connections, and with another FROM the view window_connections. Its
-- columns are what the fields of filters stand for, and what reports group by. What few reports
-- ask for is looked up by a subquery, which costs nothing where it is not asked for; a join would.
-- CROSS JOIN makes SQLite read the connection first.
--   file_number     counts the files that are read from 0
--   id_in_file      the id without what was added to tell it from those of other files
--   connect_us      the handshake of an active connection
--   limited_us      how long the peer's receive window or the send buffer held it up; NULL: not at all
--   waits_since_us  since when it waits for waits_for
--   waited_until_us until when that is known: the last moment recorded, or if intervals tell that it
--                   has moved something since its row was written, when its counters were read
--   answer_us       the longest wait of the connecting end for the accepting one that was seen; of
--                   one that goes on, until waited_until_us; NULL: none was seen
--   idle_us         the longest such wait of the accepting end for the connecting one
--   alive_until_us  its close, or if it has not ended, the last moment recorded
--   scoped_local    the local address with the interface to which the socket is bound, as ss has it
--   scoped_peer     the peer's address, if it is link-local with its interface
--   pair_*          both ends as the accepting end knows them: mirrored in the row of the other end
--   service_port    the port that was connected to; where nobody knows which end that was, the
--                   lower one
--   container       the beginning of its id, as docker ps shows it
--   open_until_us   it was surely open before this moment; nobody knows that of a connection
--                   whose end was not seen (lost)
--   bytes_*_in_window  all its bytes if no window was asked for; else what its intervals tell, and
--                   without intervals, as of a short one, all where its counters were read
SELECT {columns:connections}, {number} AS file_number, c.id AS id_in_file,
       CAST(iif(c.direction = 'active', c.established_us - c.opened_us, NULL) AS INTEGER)
         AS connect_us,
       CAST(c.closed_us - c.opened_us AS INTEGER) AS duration_us,
       CAST(c.rtt_sum_us * 1.0 / c.rtt_samples AS REAL) AS rtt_avg_us,
       nullif(c.rwnd_limited_us + c.sndbuf_limited_us, 0) AS limited_us,
       CAST(c.counters_us - CASE c.waits_for WHEN 'peer' THEN c.sent_ago_us
                                             WHEN 'local' THEN c.received_ago_us END AS INTEGER)
         AS waits_since_us,
       CAST({waited_until} AS INTEGER) AS waited_until_us,
       CAST(nullif(CASE c.direction
         WHEN 'active' THEN max(c.wait_for_peer_us, iif(c.waits_for = 'peer',
                              {waited_until} - c.counters_us + c.sent_ago_us, 0))
         WHEN 'passive' THEN max(c.wait_for_local_us, iif(c.waits_for = 'local',
                               {waited_until} - c.counters_us + c.received_ago_us, 0))
         END, 0) AS INTEGER) AS answer_us,
       CAST(nullif(CASE c.direction
         WHEN 'active' THEN max(c.wait_for_local_us, iif(c.waits_for = 'local',
                              {waited_until} - c.counters_us + c.received_ago_us, 0))
         WHEN 'passive' THEN max(c.wait_for_peer_us, iif(c.waits_for = 'peer',
                               {waited_until} - c.counters_us + c.sent_ago_us, 0))
         END, 0) AS INTEGER) AS idle_us,
       p.pid, p.comm, p.exe, p.cmdline, s.hostname,
       (SELECT path FROM {file}cgroups WHERE id = c.cgroup_id) AS cgroup_path,
       (SELECT container_id FROM {file}cgroups WHERE id = c.cgroup_id) AS container_id,
       (SELECT substr(container_id, 1, 12) FROM {file}cgroups WHERE id = c.cgroup_id) AS container,
       (SELECT systemd_unit FROM {file}cgroups WHERE id = c.cgroup_id) AS systemd_unit,
       (SELECT systemd_slice FROM {file}cgroups WHERE id = c.cgroup_id) AS systemd_slice,
       (SELECT systemd_user_unit FROM {file}cgroups WHERE id = c.cgroup_id) AS systemd_user_unit,
       (SELECT path FROM {file}cgroups WHERE id = coalesce(c.socket_cgroup_id, c.cgroup_id))
         AS socket_cgroup_path,
       CASE c.direction WHEN 'passive' THEN c.local_port WHEN 'active' THEN c.peer_port
                        ELSE min(c.local_port, c.peer_port) END AS service_port,
       coalesce(c.closed_us, s.until_us) AS alive_until_us,
       CASE c.outcome WHEN 'open' THEN s.until_us + 1 WHEN 'lost' THEN c.opened_us
                      ELSE c.closed_us END AS open_until_us,
       c.local_address || coalesce('%' || coalesce(c.interface, c.ifindex), '') AS scoped_local,
       c.peer_address || iif(c.ifindex AND c.peer_address GLOB 'fe[89ab][0-9a-f]:*',
                             '%' || coalesce(c.interface, c.ifindex), '') AS scoped_peer,
       iif(c.family = 6, '[', '') || c.local_address
         || coalesce('%' || coalesce(c.interface, c.ifindex), '')
         || iif(c.family = 6, ']:', ':') || c.local_port AS local,
       iif(c.family = 6, '[', '') || c.peer_address
         || iif(c.ifindex AND c.peer_address GLOB 'fe[89ab][0-9a-f]:*',
                '%' || coalesce(c.interface, c.ifindex), '')
         || iif(c.family = 6, ']:', ':') || c.peer_port AS peer,
       iif(c.family = 6, '[' || c.requested_address || ']', c.requested_address)
         || ':' || c.requested_port AS requested,
       iif(c.family = 6, '[' || c.nat_local_address || ']', c.nat_local_address)
         || ':' || c.nat_local_port AS nat_local,
       iif(c.family = 6, '[' || c.nat_peer_address || ']', c.nat_peer_address)
         || ':' || c.nat_peer_port AS nat_peer,
       iif(c.direction = 'passive', c.local_address, coalesce(c.nat_local_address, c.local_address))
         AS pair_local_address,
       iif(c.direction = 'passive', c.local_port, coalesce(c.nat_local_port, c.local_port))
         AS pair_local_port,
       iif(c.direction = 'passive', c.peer_address, coalesce(c.nat_peer_address, c.peer_address))
         AS pair_peer_address,
       iif(c.direction = 'passive', c.peer_port, coalesce(c.nat_peer_port, c.peer_port))
         AS pair_peer_port,
       CASE WHEN c.errno <> 0
            THEN coalesce((SELECT name FROM {file}errnos WHERE id = c.errno), 'errno ' || c.errno)
            END AS error,
       c.outcome IN ('refused', 'timeout', 'unreachable', 'reset', 'aborted') AS is_failure,
       CAST(CASE WHEN NOT w.counts_moved THEN c.bytes_sent
                 WHEN c.has_intervals
                 THEN coalesce((SELECT bytes_sent FROM temp.moved
                                WHERE connection_id = raised(c.id)), 0)
                 WHEN coalesce(c.closed_us, c.counters_us) >= w.begin_us
                   AND coalesce(c.closed_us, c.counters_us) < w.end_us
                 THEN c.bytes_sent - c.bytes_sent_before
                 ELSE 0 END AS INTEGER) AS bytes_sent_in_window,
       CAST(CASE WHEN NOT w.counts_moved THEN c.bytes_received
                 WHEN c.has_intervals
                 THEN coalesce((SELECT bytes_received FROM temp.moved
                                WHERE connection_id = raised(c.id)), 0)
                 WHEN coalesce(c.closed_us, c.counters_us) >= w.begin_us
                   AND coalesce(c.closed_us, c.counters_us) < w.end_us
                 THEN c.bytes_received - c.bytes_received_before
                 ELSE 0 END AS INTEGER) AS bytes_received_in_window
FROM {from}
CROSS JOIN temp.recording_spans s ON s.recording_id = raised(c.recording_id)
CROSS JOIN {file}processes p ON p.id = c.process_id
