-- connection: what is the whole story of one connection?
--
-- CONNECTION is its id, which most reports have (as the column id, with -w), or its two
-- ends as LOCAL-PEER, or PEER-LOCAL, of which the newest is taken:
--
--   ctrack-query connection 21
--   ctrack-query connection 10.0.0.5:80-198.51.100.7:40312
--
-- One end alone, as 198.51.100.7:40312 or without its port, lists the connections that
-- have it.
--
-- Below it, as tables: what happened to it, with the time that passed since the event
-- before (GAP), of more than 1000 events the first and last 500; what it moved per second
-- both ways, with segments sent again and what held it up, in ten parts of the time of
-- which there are intervals; and its round trips, in ten parts of the time in which they
-- were taken. The charts of one connection have the same time from left to right.
--
-- alias conn, story
--
-- column hostname: host
-- column id: plain
-- column comm: text
-- column pid: plain
-- column cmdline: wide as command; - if the process had gone when the recorder looked
-- column systemd_unit: wide as unit
-- column container: text; beginning of its id
-- column direction: text; active: this end connected, passive: it accepted
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column translated: text; what conntrack or a BPF program has put in place of an address
-- column opened_us: time; if older than the recording: when first seen
-- column closed_us: time; - while it was open, or if the end was not seen
-- column connect_us: duration; handshake of an active connection
-- column duration_us: duration
-- column outcome: outcome; open, closed, how it failed; lost: its end was not seen
-- column end_in_words: text as why it ended
-- column other_end: plain; id of the connection that was its other end, if that was recorded
-- column other_end_owner: text as other end's owner
-- column bytes_sent: bytes as sent; payload
-- column bytes_received: bytes as received
-- column retrans: text as retransmitted; segments, of how many that were sent
-- column rtos: count; retransmission timeouts
-- column busy: text; how long data waited to be sent or acknowledged, and what held it up
-- column wait_for_peer_us: duration as waited for peer; the longest time in which all that was sent had arrived and nothing came
-- column wait_for_local_us: duration as peer waited; the longest time in which data had come and nothing was sent
-- column rtt_min_us: duration
-- column rtt_avg_us: duration
-- column rtt_max_us: duration
-- column rtt_samples: count; given by the kernel, one in each round trip
-- column rtt_chart: spark; the stored ones over time, from 0 to the highest average
-- column sent_chart: spark as sent/s chart; over the same time, from 0 to the highest
-- column received_chart: spark as received/s chart
-- column timeline: hidden json; what happened to it; of more than 1000 events the first and last 500
-- column events: hidden; how many events it had, without those that refresh its counters
-- column exe: hidden
-- column uid: hidden
-- column pid_source: hidden; how the owner is known
-- column start_kind: hidden; seen from its first packet, or preexisting
-- column error: hidden; name of the errno
-- column closed_by: hidden; who ended it first
-- column established_us: hidden time
-- column segs_sent: hidden count
-- column segs_received: hidden count
-- column retrans_segs: hidden count
-- column retrans_fast_segs: hidden count; sent again as ACKs told of a loss
-- column retrans_tlp_segs: hidden count; sent again as tail loss probes
-- column retrans_timeout_segs: hidden count; sent again after a timeout
-- column retrans_spurious_segs: hidden count; the peer said that it had them already
-- column busy_us: hidden duration
-- column rwnd_limited_us: hidden duration; the peer's receive window had no room
-- column sndbuf_limited_us: hidden duration; the send buffer was full
-- column sent_ago_us: hidden duration; from the last data sent to the end, or to when it was last looked at
-- column received_ago_us: hidden duration; the same of data that came
-- column waits_for: hidden; peer or local
-- column waits_since_us: hidden time
-- column delivery_rate_bps: hidden bps
-- column congestion: hidden; congestion control
-- column ulp: hidden; upper layer protocol: tls, mptcp
-- column srtt_us: hidden duration; the kernel's smoothed round trip at the end, over every ACK
-- column rtt_deviation_us: hidden duration; its mean deviation
-- column kernel_rtt_min_us: hidden duration; the kernel's own minimum, of some minutes
-- column is_untracked: hidden; 1: the kernel had no memory to remember its socket
-- column mss: hidden bytes
-- column netns: hidden; inode number of the network namespace
-- column requested: hidden; what connect() was called with, if a BPF program changed it
-- column nat_local: hidden; this end as the other knows it, if translated on the way
-- column nat_peer: hidden; the other end as it knows itself, if translated on the way
-- column interface: hidden; to which the socket is bound
-- column systemd_user_unit: hidden; unit of a user's own systemd, below user@UID.service
-- column cgroup_path: hidden; where the owner was
-- column socket_cgroup_path: hidden; where the socket was made
-- column container_id: hidden
-- column recording_id: hidden
-- argument \d+|.+:\d+-.+:\d+; an id or LOCAL-PEER, as 10.0.0.5:80-198.51.100.7:40312
-- layout record
WITH RECURSIVE happened AS (
  SELECT json_group_array(json_object('time_us', time_us, 'type', type, 'state', state,
                                      'value', value)) AS timeline
  FROM (SELECT e.time_us, k.name AS type, s.name AS state, e.value
        FROM own_events e
        JOIN event_kinds k ON k.id = e.kind JOIN tcp_states s ON s.id = e.new_state
        ORDER BY e.id)
), axis AS MATERIALIZED (
  SELECT min(us) AS first_us, max(us) - min(us) + 1 AS length_us
  FROM (SELECT time_us AS us FROM samples
        UNION ALL SELECT from_us FROM own_intervals
        UNION ALL SELECT until_us - 1 FROM own_intervals)
), numbers(n) AS (
  SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 39
), measured AS MATERIALIZED (
  SELECT (time_us - axis.first_us) * 40 / length_us AS n, avg(rtt_us) AS rtt_us
  FROM samples, axis GROUP BY 1
), places AS MATERIALIZED ( -- where they begin and end
  SELECT n, first_us + n * length_us / 40 AS begin_us,
         first_us + (n + 1) * length_us / 40 AS end_us
  FROM numbers, axis
), moved AS MATERIALIZED (
  SELECT n, sum(share(bytes_sent, from_us, until_us, begin_us, end_us)) AS sent,
         sum(share(bytes_received, from_us, until_us, begin_us, end_us)) AS received
  FROM places JOIN own_intervals ON from_us < end_us AND until_us > begin_us
  GROUP BY n
), highest AS MATERIALIZED (
  SELECT (SELECT max(rtt_us) FROM measured) AS rtt_us, max(sent) AS sent, max(received) AS received
  FROM moved
), chart AS (
  SELECT nullif(group_concat(coalesce(CAST(7.999 * p.rtt_us / h.rtt_us AS INTEGER), ' '), ''),
                printf('%40s', '')) AS rtt_chart,
         nullif(group_concat(coalesce(CAST(7.999 * coalesce(p.sent, p.unmoved) / h.sent AS INTEGER), ' '), ''),
                printf('%40s', '')) AS sent_chart,
         nullif(group_concat(coalesce(CAST(7.999 * coalesce(p.received, p.unmoved) / h.received
                                           AS INTEGER), ' '), ''),
                printf('%40s', '')) AS received_chart
  FROM (SELECT *, -- what moved before some intervals were deleted is not known
               iif(begin_us < (SELECT kept_from_us FROM kept WHERE kind = 'intervals'), NULL, 0)
                 AS unmoved
        FROM places LEFT JOIN measured USING (n) LEFT JOIN moved USING (n)
        ORDER BY n) p, highest h
), near AS MATERIALIZED ( -- where its other end is: a handshake takes up to 127 s
  SELECT id_in_file(min(first_connection_id)) AS first_id,
         id_in_file(max(last_connection_id)) AS last_id
  FROM (SELECT first_connection_id, last_connection_id
        FROM batches
        WHERE recording_id = (SELECT recording_id FROM one)
          AND first_opened_us <= (SELECT opened_us + 130000000 FROM one)
          AND last_time_us >= (SELECT opened_us - 130000000 FROM one)
        LIMIT -1) -- so that of many columns only these are worked out
  UNION ALL
  SELECT id_in_file(connection_id), id_in_file(connection_id)
  FROM one JOIN long_connections ON file_of(connection_id) = one.file_number
  WHERE EXISTS (SELECT * FROM snapshots) -- in a part that was cut out, some are in no batch
), candidates AS (
  SELECT o.id, coalesce(o.comm, '-') || coalesce(' ' || o.pid, '') AS owner,
         one.outcome = 'closed' AND o.outcome = 'closed'
           AND (one.bytes_sent, one.bytes_received) <> (o.bytes_received, o.bytes_sent) AS disagree,
         CASE WHEN one.netns <> o.netns OR one.ifindex IS NULL OR o.ifindex IS NULL
              THEN 1 ELSE (one.ifindex <> o.ifindex) * 2 END AS other_link,
         abs(coalesce(o.established_us, o.opened_us)
               - coalesce(one.established_us, one.opened_us)) AS gap
  FROM one CROSS JOIN near CROSS JOIN connection_facts o
    ON o.file_number = one.file_number AND o.id_in_file BETWEEN near.first_id AND near.last_id
   AND o.pair_local_port = one.pair_peer_port AND o.pair_peer_port = one.pair_local_port
   AND +o.recording_id = one.recording_id
   AND o.pair_local_address = one.pair_peer_address
   AND o.pair_peer_address = one.pair_local_address
   AND o.id <> one.id
  WHERE (one.direction <> 'passive' OR o.direction <> 'passive')
    AND (one.direction <> 'active' OR o.direction <> 'active' -- but for a simultaneous open
         OR one.established_us AND o.established_us)
    AND (one.netns = o.netns OR one.pair_local_address <> one.pair_peer_address
                              AND one.pair_local_address NOT GLOB '127.*')
    AND o.opened_us <= one.alive_until_us + 1000000 AND o.alive_until_us >= one.opened_us - 1000000
  LIMIT -1 -- so that they are looked up in the one file that has them
), other AS MATERIALIZED ( -- as the report pairs, but for one
  SELECT id, owner FROM candidates ORDER BY other_link, disagree, gap, id LIMIT 1
)
SELECT hostname, one.id, comm, pid, cmdline, systemd_unit, container, direction, local, peer,
       nullif(ltrim(coalesce('; connect() asked for ' || requested, '')
                    || coalesce('; the peer is ' || nat_peer, '')
                    || coalesce('; to the peer this end is ' || nat_local, ''), '; '), '')
         AS translated, opened_us, closed_us, connect_us, duration_us, outcome,
       CASE outcome
         WHEN 'open' THEN 'it has not: open when last seen'
           || CASE iif(waited_until_us >= alive_until_us, waits_for, NULL)
                WHEN 'peer' THEN '; it waits for the peer: what was sent '
                  || duration_text(alive_until_us - waits_since_us) || ' ago has arrived'
                WHEN 'local' THEN '; the peer waits for this end: data came '
                  || duration_text(alive_until_us - waits_since_us) || ' ago'
                ELSE '' END
         WHEN 'closed' THEN CASE closed_by
           WHEN 'local' THEN 'in order: this end closed first'
           WHEN 'peer' THEN 'in order: the peer closed first'
           WHEN 'both' THEN 'in order: both ends closed at once'
           ELSE 'in order' END
         WHEN 'refused' THEN 'refused: the peer answered with a reset, as where nobody listens'
         WHEN 'timeout' THEN iif(established_us IS NULL AND start_kind = 'seen',
           'never established: no answer to ' || (retrans_segs + 1) || ' SYNs',
           'broken: no more answers from the peer')
         WHEN 'unreachable' THEN coalesce(
           (SELECT description FROM errnos WHERE errnos.id = one.errno), 'peer not reachable')
         WHEN 'aborted' THEN 'given up by this end before the handshake was done'
         WHEN 'repair' THEN 'taken down by this end without a word to the peer (TCP_REPAIR)'
         WHEN 'reset' THEN CASE closed_by
           WHEN 'local' THEN 'cut off: this end sent a reset'
           WHEN 'peer' THEN 'cut off: the peer sent a reset'
           ELSE 'cut off by a reset' END
         ELSE 'not known: the recorder did not see its end'
       END || coalesce(' (' || error || ')', '') AS end_in_words,
       (SELECT id FROM other) AS other_end, (SELECT owner FROM other) AS other_end_owner,
       bytes_sent, bytes_received,
       retrans_segs || ' of ' || segs_sent || ' segments'
         || coalesce(': ' || nullif(substr(
              iif(retrans_fast_segs, ', ' || retrans_fast_segs || ' fast', '')
              || iif(retrans_tlp_segs, ', ' || retrans_tlp_segs
                   || iif(retrans_tlp_segs = 1, ' as a tail loss probe', ' as tail loss probes'), '')
              || iif(retrans_timeout_segs, ', ' || retrans_timeout_segs || ' after a timeout', '')
              || iif(retrans_spurious_segs, ', ' || retrans_spurious_segs || ' in vain', ''), 3), ''),
              '') AS retrans, rtos,
       duration_text(busy_us) || coalesce(', waited ' || nullif(substr(
         iif(rwnd_limited_us, ', ' || duration_text(rwnd_limited_us)
               || ' for the peer''s receive window', '')
         || iif(sndbuf_limited_us, ', ' || duration_text(sndbuf_limited_us)
               || ' for its own send buffer', ''), 3), ''), '') AS busy,
       nullif(max(wait_for_peer_us, iif(waits_for = 'peer', waited_until_us - waits_since_us, 0)), 0)
         AS wait_for_peer_us,
       nullif(max(wait_for_local_us, iif(waits_for = 'local', waited_until_us - waits_since_us, 0)), 0)
         AS wait_for_local_us,
       rtt_min_us, rtt_avg_us, rtt_max_us,
       max(rtt_samples, (SELECT count(*) FROM samples)) AS rtt_samples, rtt_chart,
       sent_chart, received_chart, timeline, events, exe, uid, pid_source, start_kind, error, closed_by, established_us,
       segs_sent, segs_received, retrans_segs, retrans_fast_segs, retrans_tlp_segs,
       retrans_timeout_segs, retrans_spurious_segs, busy_us, rwnd_limited_us, sndbuf_limited_us,
       sent_ago_us, received_ago_us, waits_for, waits_since_us, delivery_rate_bps, congestion, ulp,
       srtt_us, rtt_deviation_us, kernel_rtt_min_us, is_untracked, mss,
       netns, requested, nat_local, nat_peer, interface,
       systemd_user_unit, cgroup_path, socket_cgroup_path, container_id, recording_id
FROM one, happened, own_counts, chart;
-- section
-- column time_us: time
-- column gap_us: duration
-- column type: text as EVENT
-- column state: text
-- column detail: text
SELECT e.time_us, e.time_us - lag(e.time_us) OVER (ORDER BY e.id) AS gap_us,
       k.name AS type, s.name AS state,
       nullif(iif(left_out > 0 AND row_number() OVER (ORDER BY e.id) = 501,
           left_out || ' events before this one are left out; ', '') || CASE k.name
         WHEN 'retransmit' THEN e.value || iif(e.value = 1, ' segment', ' segments')
         WHEN 'retransmit_failed' THEN e.value || iif(e.value = 1, ' segment', ' segments')
         WHEN 'rto' THEN e.value || ' in a row'
         WHEN 'close' THEN one.outcome || coalesce(' ' || one.error, '')
         WHEN 'attempt' THEN one.outcome || coalesce(' ' || one.error, '')
         ELSE '' END, '') AS detail
FROM own_counts, own_events e
JOIN event_kinds k ON k.id = e.kind
JOIN tcp_states s ON s.id = e.new_state
JOIN one ON one.id = e.connection_id
ORDER BY e.id;
-- section
-- column from_us: time as FROM
-- column sent_bps: bps as SENT/S
-- column received_bps: bps as RECEIVED/S
-- column total_bps: bps as TOTAL/S
-- column retrans_segs: count as RETRANS
-- column rwnd_limited_us: duration as RWND
-- column sndbuf_limited_us: duration as SNDBUF
-- bar total_bps as TOTAL
-- narrow retrans_segs, sndbuf_limited_us, rwnd_limited_us
WITH RECURSIVE numbers(n) AS (
  SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9
), parts AS (
  SELECT first_us + n * (last_us - first_us) / 10 AS begin_us,
         first_us + (n + 1) * (last_us - first_us) / 10 AS end_us
  FROM numbers, (SELECT min(from_us) AS first_us, max(until_us) AS last_us FROM own_intervals)
)
SELECT begin_us AS from_us, CAST(sent * 8e6 / us AS INTEGER) AS sent_bps,
       CAST(received * 8e6 / us AS INTEGER) AS received_bps,
       CAST((sent + received) * 8e6 / us AS INTEGER) AS total_bps,
       retrans_segs, rwnd_limited_us, sndbuf_limited_us
FROM (SELECT begin_us, end_us - begin_us AS us,
             total(share(bytes_sent, from_us, until_us, begin_us, end_us)) AS sent,
             total(share(bytes_received, from_us, until_us, begin_us, end_us)) AS received,
             total(share(retrans_segs, from_us, until_us, begin_us, end_us)) AS retrans_segs,
             total(share(rwnd_limited_us, from_us, until_us, begin_us, end_us)) AS rwnd_limited_us,
             total(share(sndbuf_limited_us, from_us, until_us, begin_us, end_us))
               AS sndbuf_limited_us
      FROM parts LEFT JOIN own_intervals ON from_us < end_us AND until_us > begin_us
      WHERE begin_us < end_us
      GROUP BY begin_us)
ORDER BY begin_us;
-- section
-- column from_us: time as FROM
-- column samples: count
-- column rtt_min_us: duration
-- column rtt_avg_us: duration
-- column rtt_max_us: duration
-- bar rtt_avg_us as AVERAGE
SELECT min(time_us) AS from_us, count(*) AS samples,
       min(rtt_us) AS rtt_min_us, avg(rtt_us) AS rtt_avg_us, max(rtt_us) AS rtt_max_us
FROM samples
GROUP BY (time_us - first_us) * 10 / (last_us - first_us + 1)
ORDER BY from_us;
-- shared one
WITH wanted AS MATERIALIZED (
  SELECT CAST(:argument AS INTEGER) AS id WHERE :argument NOT GLOB '*[^0-9]*'
  UNION ALL
  SELECT coalesce(
    (SELECT max(id) -- LIMIT -1: of many columns only these are worked out
     FROM (SELECT id FROM connection_facts
           WHERE :argument GLOB '*-*' AND +peer_port = last_port
             AND local || '-' || peer = :argument
           LIMIT -1)),
    (SELECT max(id)
     FROM (SELECT id FROM connection_facts
           WHERE :argument GLOB '*-*' AND +local_port = last_port
             AND peer || '-' || local = :argument
           LIMIT -1)))
  FROM (SELECT CAST(replace(:argument, rtrim(:argument, '0123456789'), '') AS INTEGER) AS last_port)
)
SELECT * FROM connection_facts
WHERE file_number = file_of((SELECT max(id) FROM wanted))
  AND id_in_file = id_in_file((SELECT max(id) FROM wanted));
-- shared ids
SELECT one.file_number, one.id_in_file AS connection_id, held.*
FROM one CROSS JOIN (
  SELECT id_in_file(min(first_event_id)) AS first_event,
         id_in_file(max(last_event_id)) AS last_event,
         id_in_file(min(first_rtt_sample_id)) AS first_sample,
         id_in_file(max(last_rtt_sample_id)) AS last_sample
  FROM (SELECT first_event_id, last_event_id, first_rtt_sample_id, last_rtt_sample_id
        FROM batches
        WHERE recording_id = (SELECT recording_id FROM one)
          AND last_time_us >= (SELECT opened_us FROM one)
          AND first_time_us <= (SELECT alive_until_us FROM one)
        LIMIT -1)) held;
-- shared own_events
SELECT * FROM (
  SELECT *
  FROM window_events
  WHERE file_number = (SELECT file_number FROM ids)
    AND id_in_file BETWEEN (SELECT first_event FROM ids) AND (SELECT last_event FROM ids)
    AND id_in_file(connection_id) = (SELECT connection_id FROM ids)
    AND kind <> (SELECT id FROM event_kinds WHERE name = 'checkpoint')
  ORDER BY place, id LIMIT 500)
UNION
SELECT * FROM (
  SELECT *
  FROM window_events
  WHERE file_number = (SELECT file_number FROM ids)
    AND id_in_file BETWEEN (SELECT first_event FROM ids) AND (SELECT last_event FROM ids)
    AND id_in_file(connection_id) = (SELECT connection_id FROM ids)
    AND kind <> (SELECT id FROM event_kinds WHERE name = 'checkpoint')
  ORDER BY place DESC, id DESC LIMIT 500);
-- shared own_counts
SELECT count(*) AS events, max(count(*) - 1000, 0) AS left_out
FROM window_events
WHERE file_number = (SELECT file_number FROM ids)
  AND id_in_file BETWEEN (SELECT first_event FROM ids) AND (SELECT last_event FROM ids)
  AND id_in_file(connection_id) = (SELECT connection_id FROM ids)
  AND kind <> (SELECT id FROM event_kinds WHERE name = 'checkpoint');
-- shared samples
SELECT time_us, rtt_us, min(time_us) OVER () AS first_us, max(time_us) OVER () AS last_us
FROM (SELECT s.time_us, s.rtt_us
      FROM ids CROSS JOIN window_rtt_samples s
      ON s.file_number = ids.file_number
         AND s.id_in_file BETWEEN ids.first_sample AND ids.last_sample
         AND id_in_file(s.connection_id) = ids.connection_id
      LIMIT -1);
-- shared own_intervals
SELECT iif(i.from_us < one.opened_us AND one.start_kind = 'seen', one.opened_us, i.from_us) AS from_us,
       iif(i.until_us > one.closed_us AND i.from_us < one.closed_us, one.closed_us, i.until_us)
         AS until_us,
       i.bytes_sent, i.bytes_received, i.retrans_segs, i.rwnd_limited_us, i.sndbuf_limited_us
FROM one CROSS JOIN (
  SELECT from_us, until_us, bytes_sent, bytes_received, retrans_segs, rwnd_limited_us,
         sndbuf_limited_us
  FROM window_intervals
  WHERE file_number = (SELECT file_number FROM one) AND +connection_id = (SELECT id FROM one)
    AND until_us >= (SELECT opened_us FROM one)
    AND from_us <= (SELECT alive_until_us FROM one) + 1000000
  LIMIT -1) i;
