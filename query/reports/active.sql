-- active: which connections were open at a moment?
--
-- One row for each connection open at --at, or just before -e (without them: when
-- recording ended, or now), the oldest first; or for what --by says, the most
-- connections first. A recording must cover this moment: what
-- was open outside of a recording is not known. Who waits for whom is known of those that
-- are still open at the end of the recording. Below the table: how many they are.
--
-- alias open, ss
-- by process: pid, comm, process_id; each process
-- by peer: peer_address; each peer address
-- by service: comm, service_port; each program and port: its own if it accepted, the peer's if it connected
--
-- column hostname: host
-- column opened_us: time; if older than the recording: when it was first seen; with --by: of the oldest
-- column age_us: duration; since opened_us
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column peer_address: text as PEER; with --by peer
-- column service_port: plain as PORT; with --by service
-- column connections: count as CONNS; with --by
-- column direction: text as DIR; active: this end connected, passive: it accepted
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column bytes_sent: bytes as SENT; to the end of the connection or its last checkpoint
-- column bytes_received: bytes as RECEIVED
-- column rtt_avg_us: duration
-- column waiting_us: duration as WAITING; so long, at that moment, for ...
-- column waits_for: text as FOR; peer: all that was sent has arrived, nothing came since; local: the other way round
-- column start_kind: text as START; preexisting: older than the recording
-- column id: hidden
-- column pid_source: hidden; how the owner is known
-- column rtt_min_us: hidden duration
-- column rtt_max_us: hidden duration
-- column rtt_samples: hidden count as SAMPLES
-- column retrans_segs: hidden count as RETRANS
-- column process_id: hidden
-- narrow start_kind, direction, pid, opened_us, rtt_avg_us, local
-- moment
SELECT hostname, opened_us, :end_us - 1 - opened_us AS age_us, pid, comm, direction, local,
       peer, bytes_sent, bytes_received, rtt_avg_us,
       iif(waits_since_us < :end_us AND waited_until_us >= :end_us - 1,
           :end_us - 1 - waits_since_us, NULL) AS waiting_us,
       iif(waits_since_us < :end_us AND waited_until_us >= :end_us - 1, waits_for, NULL) AS waits_for,
       start_kind,
       id, pid_source, rtt_min_us, rtt_max_us, rtt_samples, retrans_segs
FROM chosen_connections
WHERE opened_us < :end_us AND open_until_us >= :end_us
ORDER BY opened_us, id
LIMIT :limit;
-- by
WITH open AS ( -- LIMIT -1: of many columns only these are worked out
  SELECT {by}, hostname, opened_us, bytes_sent, bytes_received, rtt_sum_us, rtt_samples
  FROM chosen_connections
  WHERE opened_us < :end_us AND open_until_us >= :end_us
  LIMIT -1
)
SELECT hostname, {by},
       count(*) AS connections,
       min(opened_us) AS opened_us,
       sum(bytes_sent) AS bytes_sent,
       sum(bytes_received) AS bytes_received,
       sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us
FROM open
GROUP BY {by}, hostname
ORDER BY connections DESC, opened_us, {by}, hostname
LIMIT :limit;
-- footer
-- column connections: count as open connections
SELECT count(*) AS connections
FROM chosen_connections
WHERE opened_us < :end_us AND open_until_us >= :end_us;
