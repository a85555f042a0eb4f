-- What diff compares: one row for each kind of measure and what it is of.
WITH ids AS MATERIALIZED (
  SELECT min(first_rtt_sample_id) AS first, max(last_rtt_sample_id) AS last
  FROM batches
  WHERE last_time_us >= :begin_us AND first_time_us < :end_us
), alive AS MATERIALIZED (
  SELECT id, coalesce(comm, '') AS comm, coalesce(peer_address, '') AS peer_address,
         outcome, bytes_sent_in_window + bytes_received_in_window AS bytes,
         is_failure AND closed_us >= :begin_us AND closed_us < :end_us AS failed
  FROM chosen_connections
  WHERE opened_us < :end_us AND alive_until_us >= :begin_us
), samples AS MATERIALIZED (
  SELECT c.comm, s.rtt_us
  FROM chosen_rtt_samples s JOIN alive c ON c.id = s.connection_id
  WHERE s.id BETWEEN (SELECT first FROM ids) AND (SELECT last FROM ids)
    AND s.time_us >= :begin_us AND s.time_us < :end_us
), ranked AS ( -- of each program, and of all ('*')
  SELECT comm, rtt_us, row_number() OVER (PARTITION BY comm ORDER BY rtt_us) AS place,
         count(*) OVER (PARTITION BY comm) AS n
  FROM samples
  UNION ALL
  SELECT '*', rtt_us, row_number() OVER (ORDER BY rtt_us), count(*) OVER () FROM samples
), percentiles(percent) AS (VALUES (50), (95), (99))
SELECT 'failures' AS kind, comm, peer_address, outcome, count(*) AS value
FROM alive WHERE failed
GROUP BY comm, peer_address, outcome
UNION ALL
SELECT 'rtt_p' || percent || '_us', comm, '', '', rtt_us
FROM ranked JOIN percentiles ON place = (n * percent + 99) / 100
UNION ALL
SELECT 'bytes', comm, peer_address, '', sum(bytes)
FROM alive
GROUP BY comm, peer_address;
