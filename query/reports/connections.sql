-- connections: which connections were there?
--
-- One row for each connection and attempt alive in the window, the last opened
-- first.
--
-- column pid: plain as PID; - if the owner is not known
-- column comm: text
-- column local_address: text as LADDR
-- column local_port: plain as LPORT
-- column peer_address: text as RADDR
-- column peer_port: plain as RPORT
-- column bytes_sent: bytes as TX
-- column bytes_received: bytes as RX
-- column duration_us: milliseconds as MS; - while open
-- column direction: text as DIR; active: this end connected, passive: it accepted
-- column outcome: text
-- column closed_by: text; who ended it first
-- column rtt_avg_us: duration as RTT; average
-- column opened_us: time
-- column id: hidden
-- column closed_us: hidden
-- column error: hidden; name of the errno
-- column connect_us: hidden; handshake of an active connection
-- column rtt_min_us: hidden
-- column rtt_max_us: hidden
-- column rtt_samples: hidden
-- column retrans_segs: hidden
-- column delivery_rate_bps: hidden
SELECT pid, comm, local_address, local_port, peer_address, peer_port, bytes_sent,
       bytes_received, duration_us, direction, outcome, closed_by, rtt_avg_us, opened_us,
       id, closed_us, error, connect_us, rtt_min_us, rtt_max_us, rtt_samples, retrans_segs,
       delivery_rate_bps
FROM connection_facts
WHERE opened_us < :end_us AND alive_until_us >= :begin_us
ORDER BY opened_us DESC, id DESC
LIMIT :limit;
