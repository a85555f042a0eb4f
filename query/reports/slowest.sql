-- slowest: which connections had the longest round trips?
--
-- One row for each connection alive in the window that has what --by asks for, the
-- longest first. Averages and extremes are over the whole connection and all its samples,
-- of which the kernel gives one in each round trip, stored or not; percentiles are exact,
-- over the samples stored in the window. A passive connection has no connect_us: the
-- handshake is timed on the connecting side. Waits are those that were seen
-- (docs/limits.md): all that was sent had arrived, so that the network is not what was
-- waited for.
--
-- alias slow
-- by rtt: rtt_avg_us; average round trip, as without --by
-- by handshake: connect_us; time to connect
-- by duration: duration_us; life of those that ended
-- by wait: answer_us; longest wait of the connecting end for an answer: a slow server
-- by idle: idle_us; longest wait of the accepting end for the other: an idle client
-- by limited: limited_us; time held up by the peer's receive window or the own send buffer
-- by p99: rtt_p99_us; round trip that 99 % of the samples do not exceed
--
-- column hostname: host
-- column opened_us: time; if older than the recording: when first seen
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column outcome: outcome; open, closed, how it broke; lost: its end was not seen
-- column rtt_avg_us: duration
-- column rtt_max_us: duration
-- column rtt_p99_us: hidden duration; with --by p99
-- column answer_us: hidden duration as WAIT; with --by wait
-- column idle_us: hidden duration as IDLE; with --by idle
-- column limited_us: hidden duration as LIMITED; with --by limited
-- column rtt_samples: count as SAMPLES
-- column connect_us: duration; handshake
-- column duration_us: duration; - while open, or if the end was not seen
-- column retrans_segs: count as RETRANS; segments sent again
-- column id: hidden; of the connection
-- column direction: hidden as DIR
-- column rtt_min_us: hidden duration
-- column busy_us: hidden duration; data waited to be sent or acknowledged
-- column rwnd_limited_us: hidden duration; the peer's receive window had no room
-- column sndbuf_limited_us: hidden duration; the send buffer was full
-- narrow pid, rtt_samples, local, retrans_segs, opened_us, outcome
-- moment
WITH measured AS MATERIALIZED ( -- nothing is read for the others
  SELECT connection_id, percentile(rtt_us, 99) AS rtt_p99_us
  FROM (SELECT connection_id, rtt_us FROM window_rtt_samples
        WHERE '{by}' = 'rtt_p99_us' AND time_us >= :begin_us AND time_us < :end_us
        LIMIT -1) -- so that of many columns only these are worked out
  GROUP BY connection_id
)
SELECT hostname, opened_us, pid, comm, local, peer, outcome, rtt_avg_us, rtt_max_us, rtt_p99_us,
       answer_us, idle_us, limited_us, rtt_samples, connect_us, duration_us, retrans_segs, id,
       direction, rtt_min_us, busy_us, rwnd_limited_us, sndbuf_limited_us
FROM chosen_connections LEFT JOIN measured ON connection_id = id
WHERE opened_us < :end_us AND alive_until_us >= :begin_us AND {by} IS NOT NULL
ORDER BY {by} DESC, id
LIMIT :limit;
