-- rtt: how are the round trip times distributed?
--
-- One row for each power of two, over the samples stored in the window. A
-- recorder run with --rtt off or a gap between samples stores fewer than the
-- kernel took; those of all samples are in summary.
--
-- column from_us: plain as FROM(us); shortest round trip counted here
-- column to_us: plain as TO(us); longest
-- column samples: count
-- bar samples
WITH RECURSIVE ids AS MATERIALIZED (
  SELECT min(first_rtt_sample_id) AS first, max(last_rtt_sample_id) AS last
  FROM batches
  WHERE last_time_us >= :begin_us AND first_time_us < :end_us
), counted AS MATERIALIZED (
  SELECT CAST(log2(max(rtt_us, 1)) AS INTEGER) AS power, count(*) AS samples
  FROM chosen_rtt_samples
  WHERE id BETWEEN (SELECT first FROM ids) AND (SELECT last FROM ids)
    AND time_us >= :begin_us AND time_us < :end_us
  GROUP BY power
), powers(power) AS ( -- the empty ones between them too
  SELECT min(power) FROM counted HAVING count(*) > 0
  UNION ALL
  SELECT power + 1 FROM powers WHERE power < (SELECT max(power) FROM counted)
)
SELECT CASE power WHEN 0 THEN 0 ELSE 1 << power END AS from_us,
       (2 << power) - 1 AS to_us,
       coalesce(samples, 0) AS samples
FROM powers LEFT JOIN counted USING (power)
ORDER BY power;
