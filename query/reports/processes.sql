-- processes: what did each process do?
--
-- One row for each process with a connection alive in the window, most
-- connections first. With a window, bytes are those that moved in it, as in top-talkers;
-- with --at or without a window those of the whole connections, as round trips always are.
-- rtt_avg_us weighs each connection by its samples. Only connections that are still in
-- the file count: a recorder with --max-size or --max-age deletes old ones. The report
-- top-talkers without -b and -e tells what each program has moved in all.
--
-- alias procs
--
-- column hostname: host
-- column pid: plain; - for all whose owner is not known
-- column comm: text
-- column connections: count as CONNS; connections and attempts alive in the window
-- column opened: count; opened in the window
-- column failed: count; refused, timeout, unreachable, aborted or reset in the window
-- column bytes_sent: bytes as SENT
-- column bytes_received: bytes as RECEIVED
-- column rtt_avg_us: duration
-- column rtt_max_us: duration
-- column cmdline: wide as COMMAND; - if the process had gone when the recorder looked
-- column exe: hidden
-- column process_id: hidden
-- narrow rtt_max_us, opened, rtt_avg_us
-- moment
WITH alive AS ( -- LIMIT -1: of many columns only these are worked out
  SELECT hostname, process_id, start_kind, opened_us, closed_us, is_failure,
         bytes_sent_in_window AS bytes_sent, bytes_received_in_window AS bytes_received,
         rtt_sum_us, rtt_samples, rtt_max_us
  FROM chosen_connections
  WHERE opened_us < :end_us AND alive_until_us >= :begin_us
  LIMIT -1
), chosen AS MATERIALIZED (
  SELECT hostname, process_id,
         count(*) AS connections,
         count(*) FILTER (WHERE start_kind = 'seen' AND opened_us >= :begin_us) AS opened,
         count(*) FILTER (WHERE is_failure AND closed_us < :end_us) AS failed,
         sum(bytes_sent) AS bytes_sent,
         sum(bytes_received) AS bytes_received,
         sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us,
         max(rtt_max_us) AS rtt_max_us
  FROM alive
  GROUP BY process_id, hostname
  ORDER BY connections DESC, sum(bytes_sent) + sum(bytes_received) DESC, process_id, hostname
  LIMIT :limit
)
SELECT hostname, p.pid, p.comm, connections, opened, failed, bytes_sent, bytes_received,
       rtt_avg_us, rtt_max_us, p.cmdline, p.exe, process_id
FROM chosen LEFT JOIN processes p ON p.id = process_id
ORDER BY connections DESC, bytes_sent + bytes_received DESC, process_id, hostname;
