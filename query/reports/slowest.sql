-- slowest: which connections had the longest round trips?
--
-- One row for each connection alive in the window that has RTT samples, longest
-- average round trip first. Averages and extremes are over the whole connection
-- and all samples the kernel took, stored or not. A passive connection has no
-- connect_us: the handshake is timed on the connecting side.
--
-- column opened_us: time; if older than the recording: when first seen
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column outcome: text; open, closed, how it broke; lost: its end was not seen
-- column rtt_avg_us: duration
-- column rtt_max_us: duration
-- column rtt_samples: count as SAMPLES
-- column connect_us: duration; handshake
-- column duration_us: duration; - while open, or if the end was not seen
-- column retrans_segs: count as RETRANS; segments sent again
-- column id: hidden; of the connection
-- column direction: hidden
-- column rtt_min_us: hidden
SELECT opened_us, pid, comm, local, peer, outcome, rtt_avg_us, rtt_max_us, rtt_samples,
       connect_us, duration_us, retrans_segs, id, direction, rtt_min_us
FROM connections_about_window
WHERE opened_us < :end_us AND alive_until_us >= :begin_us AND rtt_samples > 0
ORDER BY rtt_avg_us DESC, id
LIMIT :limit;
