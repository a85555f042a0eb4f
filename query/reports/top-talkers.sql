-- top-talkers: which programs moved the most bytes, and with whom?
--
-- One row for each program, by its name, and peer address, most payload first.
-- Counted are the connections alive in the window, with all their bytes, not only
-- those that were moved in it. rtt_avg_us weighs each connection by its samples.
-- The report processes tells the processes of a program apart.
--
-- column comm: text; name of the program
-- column pid: plain; - if there were several processes, or the owner is not known
-- column processes: count as PROCS; how many processes
-- column peer_address: text as PEER
-- column connections: count as CONNS; connections and attempts
-- column bytes_sent: bytes as SENT; payload, without retransmissions
-- column bytes_received: bytes as RECEIVED
-- column bytes_total: bytes as TOTAL; sent and received
-- column rtt_avg_us: duration
-- moment
SELECT /*several hostname AS host,*/ comm,
       iif(count(DISTINCT process_id) = 1, pid, NULL) AS pid,
       count(DISTINCT nullif(process_id, 0)) AS processes,
       peer_address,
       count(*) AS connections,
       sum(bytes_sent) AS bytes_sent,
       sum(bytes_received) AS bytes_received,
       sum(bytes_sent + bytes_received) AS bytes_total,
       sum(rtt_avg_us * rtt_samples) / sum(rtt_samples) AS rtt_avg_us
FROM chosen_connections
WHERE opened_us < :end_us AND alive_until_us >= :begin_us
GROUP BY /*several hostname,*/ comm, peer_address
ORDER BY bytes_total DESC, connections DESC, comm, peer_address
LIMIT :limit;
