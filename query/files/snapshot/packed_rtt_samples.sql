-- Those of the window, found through the batches, in their order.
WITH ids AS MATERIALIZED (
  SELECT min(first_rtt_sample_id) AS first, max(last_rtt_sample_id) AS last
  FROM batches
  WHERE last_time_us >= :begin_us AND first_time_us < :end_us
)
SELECT * FROM packed_rtt_samples
WHERE id BETWEEN (SELECT first FROM ids) AND (SELECT last FROM ids)
  AND since_2030_us >= :begin_us - 1900000000000000 AND since_2030_us < :end_us - 1900000000000000
  AND connection_id IN (SELECT id FROM chosen_connections
                        WHERE opened_us < :end_us AND alive_until_us >= :begin_us)
ORDER BY id;
