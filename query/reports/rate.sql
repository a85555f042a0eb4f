-- rate: how did it change over time?
--
-- One row for each interval of --interval, or without it for each of at most twenty
-- intervals of a round length, the newest last; only -n leaves out the older ones. Bytes
-- are those of the connections that ended in the interval, over their whole life. Percentiles are
-- exact, over the samples stored in the interval. Below the table each column as a small
-- chart over the rows above, from 0 to its highest value; of more than 60 rows each place of
-- the chart shows the highest of some.
--
-- alias rates, graph
--
-- column time_us: second as TIME; begin of the interval, a multiple of its length (UTC)
-- column opened: count
-- column closed: count; in order
-- column failed: count; refused, timeout, unreachable, aborted or reset
-- column bytes_sent: bytes as SENT; by connections that ended
-- column bytes_received: bytes as RECEIVED; by connections that ended
-- column rtt_samples: count as SAMPLES
-- column rtt_p50_us: duration
-- column rtt_p95_us: duration
-- column rtt_p99_us: duration
-- column opened_per_second: hidden rate as RATE
-- column interval_us: hidden duration
-- all rows
-- narrow rtt_samples, rtt_p95_us, closed
SELECT * FROM rates ORDER BY time_us;
-- shared rates
WITH RECURSIVE span AS MATERIALIZED ( -- what was recorded of the window
  SELECT max(:begin_us, min(started_us)) AS first_us, min(:end_us, max(until_us) + 1) AS end_us
  FROM recording_spans
  WHERE started_us < :end_us AND until_us >= :begin_us
), lengths(seconds) AS (
  VALUES (1), (2), (5), (10), (15), (30), (60), (120), (300), (600), (900), (1800), (3600),
         (7200), (10800), (21600), (43200), (86400), (172800), (604800), (2592000), (31536000)
), step AS MATERIALIZED (
  SELECT coalesce(:interval_us,
                  (SELECT min(seconds) * 1000000 FROM lengths
                   WHERE (end_us - 1) / (seconds * 1000000) - first_us / (seconds * 1000000) < 20),
                  31536000000000) AS us
  FROM span
), last_step AS MATERIALIZED (
  SELECT (end_us - 1) / us AS n, first_us / us AS first FROM span, step WHERE first_us < end_us
), intervals(n) AS ( -- from the newest on, :limit of them
  SELECT n FROM last_step
  UNION ALL
  SELECT n - 1 FROM intervals WHERE n > (SELECT first FROM last_step)
  LIMIT :limit
), shown AS MATERIALIZED (
  SELECT max(:begin_us, min(n) * us) AS first_us, min(:end_us, (max(n) + 1) * us) AS end_us
  FROM intervals, step
), alive AS MATERIALIZED (
  SELECT start_kind, opened_us, closed_us, outcome, is_failure, bytes_sent, bytes_received
  FROM chosen_connections
), opened AS MATERIALIZED (
  SELECT opened_us / (SELECT us FROM step) AS n, count(*) AS opened
  FROM alive
  WHERE start_kind = 'seen' AND opened_us >= (SELECT first_us FROM shown)
    AND opened_us < (SELECT end_us FROM shown)
  GROUP BY 1
), ended AS MATERIALIZED (
  SELECT closed_us / (SELECT us FROM step) AS n, count(*) FILTER (WHERE outcome = 'closed') AS closed,
         count(*) FILTER (WHERE is_failure) AS failed,
         sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received
  FROM alive
  WHERE closed_us >= (SELECT first_us FROM shown) AND closed_us < (SELECT end_us FROM shown)
  GROUP BY 1
), held AS MATERIALIZED ( -- by each commit, and in which interval all of it is
  SELECT first_rtt_sample_id AS first, last_rtt_sample_id AS last,
         CASE WHEN first_time_us / us = last_time_us / us AND first_time_us >= shown.first_us
                AND last_time_us < shown.end_us
              THEN first_time_us / us END AS n
  FROM (SELECT first_rtt_sample_id, last_rtt_sample_id, first_time_us, last_time_us
        FROM batches
        WHERE last_time_us >= :begin_us AND first_time_us < :end_us
        LIMIT -1), shown, step -- so that of many batches and columns only these are read
  WHERE last_time_us >= shown.first_us AND first_time_us < shown.end_us
    AND first_rtt_sample_id IS NOT NULL
), cut AS MATERIALIZED ( -- of the few that several intervals share
  SELECT n, distribution(rtt_us) AS rtts
  FROM (SELECT s.time_us / (SELECT us FROM step) AS n, s.rtt_us
        FROM held h
        CROSS JOIN chosen_rtt_samples s
        ON s.file_number = file_of(h.first)
           AND s.id_in_file BETWEEN id_in_file(h.first) AND id_in_file(h.last)
        WHERE h.n IS NULL AND s.time_us >= (SELECT first_us FROM shown)
          AND s.time_us < (SELECT end_us FROM shown)
        LIMIT -1) -- so that each row is looked up in the one file that has it
  GROUP BY n
), measured AS MATERIALIZED ( -- a subquery for each interval: GROUP BY would sort the samples
  SELECT n, (SELECT distribution(rtts)
             FROM (SELECT (SELECT distribution(rtt_us)
                           FROM (SELECT s.rtt_us
                                 FROM held h
                                 CROSS JOIN chosen_rtt_samples s
                                 ON s.file_number = file_of(h.first)
                                    AND s.id_in_file BETWEEN id_in_file(h.first)
                                                         AND id_in_file(h.last)
                                 WHERE h.n = i.n
                                 LIMIT -1)) AS rtts
                   UNION ALL
                   SELECT rtts FROM cut WHERE cut.n = i.n)) AS rtts
  FROM intervals i
)
SELECT i.n * us AS time_us, coalesce(opened, 0) AS opened, coalesce(closed, 0) AS closed,
       coalesce(failed, 0) AS failed, coalesce(bytes_sent, 0) AS bytes_sent,
       coalesce(bytes_received, 0) AS bytes_received, count_of(rtts) AS rtt_samples,
       percentile_of(rtts, 50) AS rtt_p50_us, percentile_of(rtts, 95) AS rtt_p95_us,
       percentile_of(rtts, 99) AS rtt_p99_us,
       coalesce(opened, 0) * 1e6 / us AS opened_per_second, us AS interval_us
FROM step CROSS JOIN measured i
LEFT JOIN opened o ON o.n = i.n
LEFT JOIN ended e ON e.n = i.n;
-- footer
-- column interval_us: duration as interval
-- column opened: spark
-- column failed: spark
-- column bytes_sent: spark as sent
-- column bytes_received: spark as received
-- column rtt_p50_us: spark as rtt p50
-- column rtt_p99_us: spark as rtt p99
WITH placed AS (
  SELECT *, (row_number() OVER (ORDER BY time_us) - 1) * 60 / max(count(*) OVER (), 60) AS place
  FROM rates
), in_order AS MATERIALIZED ( -- the highest of each place
  SELECT max(interval_us) AS interval_us, max(opened) AS opened, max(failed) AS failed,
         max(bytes_sent) AS bytes_sent, max(bytes_received) AS bytes_received,
         max(rtt_p50_us) AS rtt_p50_us, max(rtt_p99_us) AS rtt_p99_us
  FROM placed
  GROUP BY place
  ORDER BY place
), highest AS MATERIALIZED (
  SELECT max(opened) AS opened, max(failed) AS failed, max(bytes_sent) AS bytes_sent,
         max(bytes_received) AS bytes_received, max(rtt_p50_us) AS p50, max(rtt_p99_us) AS p99
  FROM in_order
)
SELECT coalesce(interval_us, :interval_us, 31536000000000) AS interval_us,
       group_concat(coalesce(CAST(7.999 * i.opened / h.opened AS INTEGER), ' '), '')
         AS opened,
       group_concat(coalesce(CAST(7.999 * i.failed / h.failed AS INTEGER), ' '), '')
         AS failed,
       group_concat(coalesce(CAST(7.999 * i.bytes_sent / h.bytes_sent AS INTEGER), ' '), '')
         AS bytes_sent,
       group_concat(coalesce(CAST(7.999 * i.bytes_received / h.bytes_received AS INTEGER), ' '), '')
         AS bytes_received,
       group_concat(coalesce(CAST(7.999 * i.rtt_p50_us / h.p50 AS INTEGER), ' '), '')
         AS rtt_p50_us,
       group_concat(coalesce(CAST(7.999 * i.rtt_p99_us / h.p99 AS INTEGER), ' '), '')
         AS rtt_p99_us
FROM in_order i, highest h;
