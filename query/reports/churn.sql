-- churn: which programs open many short connections, and to whom?
--
-- One row for each program, peer address and port of which connections were opened in
-- the window and ended within a second; those with the most come first. Both ends of a
-- connection within this host are seen: DIR tells them apart. A program that keeps a
-- connection open and uses it again does not appear here.
--
-- alias short
--
-- column hostname: host
-- column comm: text; name of the program
-- column direction: text as DIR; active: it connected, passive: it accepted
-- column peer_address: text as PEER
-- column service_port: plain as PORT; that was connected to
-- column short: count; opened in the window, and ended within a second
-- column opened: count; opened in the window, however long they lived
-- column failed: count; connections that were refused, timeout, unreachable, aborted or reset
-- column opened_per_second: rate as RATE; of recording in the window
-- column peak_per_second: count as PEAK; most that were opened in one second
-- column duration_p50_us: duration; median of their durations
-- column bytes_p50: bytes as BYTES_P50; median of the bytes they moved, both ways
-- column processes: count as PROCS; how many processes
-- narrow processes, bytes_p50, peak_per_second, opened_per_second, direction, duration_p50_us
WITH covered AS MATERIALIZED (
  SELECT hostname, sum(max(0, min(until_us + 1, :end_us) - max(started_us, :begin_us))) AS us
  FROM recording_spans
  GROUP BY hostname
), begun AS MATERIALIZED (
  SELECT hostname, comm, direction, peer_address, service_port, duration_us, is_failure,
         bytes_sent + bytes_received AS bytes, process_id,
         count(*) OVER (PARTITION BY comm, direction, peer_address, service_port, hostname,
                                     opened_us / 1000000) AS in_second
  FROM chosen_connections
  WHERE start_kind = 'seen' AND opened_us >= :begin_us AND opened_us < :end_us
)
SELECT g.hostname, comm, direction, peer_address, service_port,
       count(*) FILTER (WHERE duration_us < 1000000) AS short,
       count(*) AS opened,
       count(*) FILTER (WHERE is_failure) AS failed,
       count(*) * 1e6 / (SELECT us FROM covered WHERE covered.hostname = g.hostname)
         AS opened_per_second,
       max(in_second) AS peak_per_second,
       percentile(duration_us, 50) AS duration_p50_us,
       percentile(bytes, 50) AS bytes_p50,
       count(DISTINCT nullif(process_id, 0)) AS processes
FROM begun g
GROUP BY comm, direction, peer_address, service_port, g.hostname
HAVING short > 0
ORDER BY short DESC, opened DESC, comm, peer_address, service_port, direction, g.hostname
LIMIT :limit;
