-- resets: who cut off whom?
--
-- One row for each side that reset established connections within the window, and whose
-- they were: program, peer address and the port that was connected to. The most resets
-- come first. A connection refused, which is a reset as well, is in failures.
--
-- alias rst
--
-- column hostname: host
-- column closed_by: text; local: this host sent the reset, peer: the other end
-- column comm: text; name of the program here
-- column direction: text as DIR; active: this end had connected, passive: it accepted
-- column peer_address: text as PEER
-- column service_port: plain as PORT; that was connected to, here or at the peer
-- column resets: count
-- column reset_percent: percent as PERCENT; of their connections that ended in the window
-- column duration_p50_us: duration; median of their durations
-- column bytes_sent: bytes as SENT; before the resets
-- column bytes_received: bytes as RECEIVED; before the resets
-- column last_us: second as LAST; the newest
-- narrow bytes_sent, bytes_received, direction, duration_p50_us
WITH ended AS MATERIALIZED (
  SELECT hostname, closed_by, comm, direction, peer_address, service_port, duration_us, bytes_sent,
         bytes_received, closed_us, outcome = 'reset' AS is_reset
  FROM chosen_connections
  WHERE closed_us >= :begin_us AND closed_us < :end_us
), all_ended AS MATERIALIZED (
  SELECT comm, direction, peer_address, service_port, hostname, count(*) AS ended
  FROM ended
  GROUP BY comm, direction, peer_address, service_port, hostname
), cut AS MATERIALIZED (
  SELECT closed_by, comm, direction, peer_address, service_port, hostname,
         count(*) AS resets,
         percentile(duration_us, 50) AS duration_p50_us,
         sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received,
         max(closed_us) AS last_us
  FROM ended
  WHERE is_reset
  GROUP BY closed_by, comm, direction, peer_address, service_port, hostname
)
SELECT c.hostname, c.closed_by, c.comm, c.direction, c.peer_address, c.service_port, c.resets,
       c.resets * 100.0 / a.ended AS reset_percent,
       c.duration_p50_us, c.bytes_sent, c.bytes_received, c.last_us
FROM cut c JOIN all_ended a
  ON a.hostname = c.hostname AND a.comm IS c.comm
 AND a.direction = c.direction AND a.peer_address IS c.peer_address
 AND a.service_port IS c.service_port
ORDER BY c.resets DESC, c.last_us DESC
LIMIT :limit;
