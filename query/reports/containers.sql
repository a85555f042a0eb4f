-- containers: what did each container do?
--
-- One row for each container with a connection alive in the window, most payload first;
-- the row without an id is what ran outside of any. Bytes and round trips are those of
-- the whole connections; rtt_avg_us weighs each connection by its samples.
--
-- alias docker
--
-- column hostname: host
-- column container: text; beginning of its id
-- column systemd_unit: wide as UNIT; - if there were several
-- column processes: count as PROCS; how many
-- column connections: count as CONNS; connections and attempts alive in the window
-- column opened: count; opened in the window
-- column failed: count; refused, timeout, unreachable, aborted or reset in the window
-- column bytes_sent: bytes as SENT
-- column bytes_received: bytes as RECEIVED
-- column bytes_total: bytes as TOTAL; sent and received
-- column rtt_avg_us: duration
-- column rtt_max_us: duration
-- column container_id: hidden
-- narrow rtt_max_us, processes, opened, rtt_avg_us
-- moment
WITH alive AS ( -- LIMIT -1: of many columns only these are worked out
  SELECT hostname, container, process_id, start_kind, opened_us, closed_us, is_failure, bytes_sent,
         bytes_received, rtt_sum_us, rtt_samples, rtt_max_us, systemd_unit, container_id
  FROM chosen_connections
  WHERE opened_us < :end_us AND alive_until_us >= :begin_us
  LIMIT -1
)
SELECT hostname, container,
       count(DISTINCT nullif(process_id, 0)) AS processes,
       count(*) AS connections,
       count(*) FILTER (WHERE start_kind = 'seen' AND opened_us >= :begin_us) AS opened,
       count(*) FILTER (WHERE is_failure AND closed_us < :end_us) AS failed,
       sum(bytes_sent) AS bytes_sent,
       sum(bytes_received) AS bytes_received,
       sum(bytes_sent) + sum(bytes_received) AS bytes_total,
       sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us,
       max(rtt_max_us) AS rtt_max_us,
       iif(count(DISTINCT systemd_unit) = 1, systemd_unit, NULL) AS systemd_unit,
       container_id
FROM alive
GROUP BY container_id, hostname
ORDER BY bytes_total DESC, connections DESC, container_id, hostname
LIMIT :limit;
