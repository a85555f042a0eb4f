-- active: which connections were open at a moment?
--
-- One row for each connection open at --at, or just before -e (without them: when
-- recording ended, or now), the oldest first. A recording must cover this moment: what
-- was open outside of a recording is not known.
--
-- alias open, ss
--
-- column hostname: host
-- column opened_us: time; if older than the recording: when it was first seen
-- column age_us: duration; since opened_us
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column direction: text as DIR; active: this end connected, passive: it accepted
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column bytes_sent: bytes as SENT; to the end of the connection or its last checkpoint
-- column bytes_received: bytes as RECEIVED
-- column rtt_avg_us: duration
-- column start_kind: text as START; preexisting: older than the recording
-- column id: hidden
-- column pid_source: hidden; how the owner is known
-- column rtt_min_us: hidden duration
-- column rtt_max_us: hidden duration
-- column rtt_samples: hidden count as SAMPLES
-- column retrans_segs: hidden count as RETRANS
-- moment
SELECT hostname, opened_us, :end_us - 1 - opened_us AS age_us, pid, comm, direction, local,
       peer, bytes_sent, bytes_received, rtt_avg_us, start_kind,
       id, pid_source, rtt_min_us, rtt_max_us, rtt_samples, retrans_segs
FROM chosen_connections
WHERE opened_us < :end_us AND open_until_us >= :end_us
ORDER BY opened_us, id
LIMIT :limit;
