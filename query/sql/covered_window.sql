-- What of the window was recorded, one row for each host of which that is not all of it: the first
-- and the last moment in it, NULL if nothing was, and how often and how long it was not recorded
-- between them. A side that was not asked for (:begin_us = 0, :end_us the greatest number) lacks
-- nothing, and who asks for neither asks for what there is.
WITH parts AS (
  SELECT hostname, max(started_us, :begin_us) AS from_us, min(until_us, :end_us - 1) AS until_us
  FROM temp.recording_spans
  WHERE started_us < :end_us AND until_us >= :begin_us
), reached AS ( -- recordings of one host may overlap where several files are read
  SELECT *, max(until_us) OVER (PARTITION BY hostname ORDER BY from_us
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + 1 AS before_us
  FROM parts
), covered AS (
  SELECT hostname, min(from_us) AS from_us, max(until_us) AS until_us,
         count(*) FILTER (WHERE from_us > before_us) AS gaps,
         sum(from_us - before_us) FILTER (WHERE from_us > before_us) AS gaps_us
  FROM reached
  GROUP BY hostname
)
SELECT hostname, from_us, until_us, gaps, gaps_us
FROM (SELECT DISTINCT hostname FROM temp.recording_spans) LEFT JOIN covered USING (hostname)
WHERE from_us IS NULL OR :begin_us > 0 AND (gaps > 0 OR from_us > :begin_us)
   OR :end_us < 9223372036854775807 AND (gaps > 0 OR until_us < :end_us - 1)
ORDER BY hostname;
