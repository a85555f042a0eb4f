-- Those of the window, found through the batches, in their order. The view knows their times.
WITH ids AS MATERIALIZED (
  SELECT min(first_rtt_sample_id) AS first, max(last_rtt_sample_id) AS last
  FROM batches
  WHERE last_time_us >= :begin_us AND first_time_us < :end_us
)
SELECT p.* FROM rtt_samples s CROSS JOIN packed_rtt_samples p ON p.id = s.id
WHERE s.id BETWEEN (SELECT first FROM ids) AND (SELECT last FROM ids)
  AND s.time_us >= :begin_us AND s.time_us < :end_us
  AND s.connection_id IN (SELECT id FROM chosen_connections
                          WHERE opened_us < :end_us AND alive_until_us >= :begin_us)
ORDER BY s.id;
