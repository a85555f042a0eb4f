-- top-talkers: which process moved the most bytes, and with whom?
--
-- One row for each process and peer address, most payload first. Counted are the
-- connections alive in the window, with all their bytes, not only those that
-- were moved in it. rtt_avg_us weighs each connection by its samples.
--
-- column pid: plain; - if the owner is not known
-- column comm: text; name of the process
-- column peer_address: text as PEER
-- column connections: count as CONNS; connections and attempts
-- column bytes_sent: bytes as SENT; payload, without retransmissions
-- column bytes_received: bytes as RECEIVED
-- column bytes_total: bytes as TOTAL; sent and received
-- column rtt_avg_us: duration
SELECT pid, comm, peer_address,
       count(*) AS connections,
       sum(bytes_sent) AS bytes_sent,
       sum(bytes_received) AS bytes_received,
       sum(bytes_sent + bytes_received) AS bytes_total,
       sum(rtt_avg_us * rtt_samples) / sum(rtt_samples) AS rtt_avg_us
FROM connection_facts
WHERE opened_us < :end_us AND alive_until_us >= :begin_us
GROUP BY process_id, peer_address
ORDER BY bytes_total DESC, connections DESC, process_id, peer_address
LIMIT :limit;
