-- top-talkers: which programs moved the most bytes, and with whom?
--
-- One row for each program, by its name, and peer address, most payload first. With -b
-- or -e, counted are the connections alive in the window, with all their bytes, not only
-- those that were moved in it; without, all traffic ever recorded, also that of connections
-- which are no longer in the file. rtt_avg_us weighs each connection by its samples.
-- The report processes tells the processes of a program apart.
--
-- column comm: text; name of the program
-- column pid: plain; - if there were several processes, or the owner is not known
-- column peer_address: text as PEER
-- column connections: count as CONNS; connections and attempts
-- column bytes_sent: bytes as SENT; payload, without retransmissions
-- column bytes_received: bytes as RECEIVED
-- column bytes_total: bytes as TOTAL; sent and received
-- column rtt_avg_us: duration
WITH moved AS (
  SELECT comm, pid, peer_address, connections, -- '': not known
         bytes_sent, bytes_received, rtt_samples, rtt_sum_us
  FROM traffic_sums
  WHERE :roll_up
  UNION ALL
  SELECT coalesce(p.comm, ''), p.pid, t.peer_address, t.connections,
         t.bytes_sent, t.bytes_received, t.rtt_samples, t.rtt_sum_us
  FROM traffic_recent t LEFT JOIN processes p ON p.id = t.process_id
  WHERE :roll_up
  UNION ALL
  SELECT coalesce(comm, ''), pid, coalesce(peer_address, ''), 1,
         bytes_sent, bytes_received, rtt_samples, rtt_avg_us * rtt_samples
  FROM connections_about_window
  WHERE NOT :roll_up AND opened_us < :end_us AND alive_until_us >= :begin_us
)
SELECT nullif(comm, '') AS comm,
       iif(count(pid) = count(*) AND min(pid) = max(pid), pid, NULL) AS pid,
       nullif(peer_address, '') AS peer_address,
       sum(connections) AS connections,
       sum(bytes_sent) AS bytes_sent,
       sum(bytes_received) AS bytes_received,
       sum(bytes_sent + bytes_received) AS bytes_total,
       sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us
FROM moved
GROUP BY moved.comm, moved.peer_address
HAVING sum(connections) > 0
ORDER BY bytes_total DESC, connections DESC, comm, peer_address
LIMIT :limit;
