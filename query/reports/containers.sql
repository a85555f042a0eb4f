-- containers: what did each container do?
--
-- One row for each container with a connection alive in the window, most payload first;
-- the row without an id is what ran outside of any. A connection whose both ends are in
-- one row counts once there, with each byte once. With a window, bytes are those that
-- moved in it, as in top-talkers; with --at or without a window those of the whole
-- connections, as round trips always are. rtt_avg_us weighs each connection by its samples.
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
WITH alive AS MATERIALIZED ( -- LIMIT -1: of many columns only these are worked out
  SELECT hostname, container, process_id, start_kind = 'seen' AND opened_us >= :begin_us AS opened,
         is_failure AND closed_us < :end_us AS failed, bytes_sent_in_window AS bytes_sent,
         bytes_received_in_window AS bytes_received, rtt_sum_us, rtt_samples, rtt_max_us,
         systemd_unit, container_id, ends, is_client
  FROM chosen_ends
  WHERE opened_us < :end_us AND alive_until_us >= :begin_us
  LIMIT -1
), sides AS ( -- all clients of two ends, all their servers, and all with a peer elsewhere
  SELECT container_id, hostname, ends, iif(ends IS NULL, NULL, is_client) AS side,
         count(*) AS connections, sum(opened) AS opened, sum(failed) AS failed,
         sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received
  FROM alive
  GROUP BY container_id, hostname, ends, side
), moved AS ( -- where both sides are in the container, each connection counts once
  SELECT container_id, hostname, coalesce(max(side), 1) AS is_of_client,
         max(connections) AS connections, max(opened) AS opened, max(failed) AS failed,
         max(iif(side IS 0, bytes_received, bytes_sent)) AS to_server,
         max(iif(side IS 0, bytes_sent, bytes_received)) AS to_client
  FROM sides
  GROUP BY container_id, hostname, ends
), summed AS (
  SELECT container_id, hostname, sum(connections) AS connections, sum(opened) AS opened,
         sum(coalesce(failed, 0)) AS failed,
         sum(iif(is_of_client, to_server, to_client)) AS bytes_sent,
         sum(iif(is_of_client, to_client, to_server)) AS bytes_received,
         sum(to_server + to_client) AS bytes_total
  FROM moved
  GROUP BY container_id, hostname
), owned AS (
  SELECT container_id, hostname, container, count(DISTINCT nullif(process_id, 0)) AS processes,
         iif(count(DISTINCT systemd_unit) = 1, max(systemd_unit), NULL) AS systemd_unit,
         sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us, max(rtt_max_us) AS rtt_max_us
  FROM alive
  GROUP BY container_id, hostname
)
SELECT s.hostname, container, processes, connections, opened, failed, bytes_sent, bytes_received,
       bytes_total, rtt_avg_us, rtt_max_us, systemd_unit, s.container_id
FROM summed s JOIN owned o ON o.container_id IS s.container_id AND o.hostname = s.hostname
ORDER BY bytes_total DESC, connections DESC, s.container_id, s.hostname
LIMIT :limit;
