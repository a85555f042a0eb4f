-- connections: which connections were there?
--
-- One row for each connection and attempt alive in the window, the last opened
-- first. One older than the recording (start_kind preexisting) counts from when it
-- was first seen.
--
-- alias conns, tcplife
--
-- column hostname: host
-- column pid: plain; - if the owner is not known; see pid_source
-- column comm: text
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column bytes_sent: bytes as SENT
-- column bytes_received: bytes as RECEIVED
-- column duration_us: duration; - while open, or if the end was not seen
-- column direction: text as DIR; active: this end connected, passive: it accepted
-- column outcome: outcome; open, closed, how it failed; lost: its end was not seen
-- column closed_by: text; who ended it first
-- column rtt_avg_us: duration
-- column opened_us: time
-- column id: hidden
-- column local_address: hidden
-- column local_port: hidden
-- column peer_address: hidden
-- column peer_port: hidden
-- column start_kind: hidden text as START; seen from its first packet, or preexisting
-- column pid_source: hidden; how the owner is known
-- column netns: hidden; inode number of the network namespace
-- column closed_us: hidden time
-- column error: hidden; name of the errno
-- column connect_us: hidden duration; handshake of an active connection
-- column rtt_min_us: hidden duration
-- column rtt_max_us: hidden duration
-- column rtt_samples: hidden count as SAMPLES
-- column retrans_segs: hidden count as RETRANS
-- column delivery_rate_bps: hidden bps
-- column interface: hidden; to which the socket is bound
-- column requested: hidden; what connect() was called with, if a BPF program changed it
-- column nat_local: hidden; this end as the other knows it, if translated on the way
-- column nat_peer: hidden; the other end as it knows itself, if translated on the way
-- narrow closed_by, rtt_avg_us, direction, pid, local, bytes_received, bytes_sent
-- moment
WITH newest AS MATERIALIZED ( -- of many few are shown: only of these all columns are worked out
  SELECT file_number, id_in_file
  FROM (SELECT file_number, id_in_file, opened_us, id
        FROM chosen_connections
        WHERE opened_us < :end_us AND alive_until_us >= :begin_us
        LIMIT -1)
  ORDER BY opened_us DESC, id DESC
  LIMIT :limit
)
SELECT hostname, pid, comm, local, peer, bytes_sent, bytes_received, duration_us, direction, outcome,
       closed_by, rtt_avg_us, opened_us, id, scoped_local AS local_address, local_port,
       scoped_peer AS peer_address, peer_port, start_kind, pid_source, netns, closed_us, error,
       connect_us, rtt_min_us, rtt_max_us, rtt_samples, retrans_segs, delivery_rate_bps, interface,
       requested, nat_local, nat_peer
FROM newest n
CROSS JOIN connection_facts c ON c.file_number = n.file_number AND c.id_in_file = n.id_in_file
ORDER BY opened_us DESC, id DESC;
