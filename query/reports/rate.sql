-- rate: how did it change over time?
--
-- One row for each interval of --interval, or without it for each of at most twenty
-- intervals of a round length, the newest last; only -n leaves out the older ones. Bytes
-- are those that moved in the interval, also of connections that are still open: what a
-- connection moved between two looks of the recorder counts in proportion, and one too
-- short for that counts where it ended. Where that was not recorded, all bytes of a
-- connection count where it ended, and stderr says so. Percentiles are exact, over the
-- samples stored in the interval. Of everything, where that is more than a million samples
-- or connections, or some of these or of what connections moved between two looks were
-- deleted, rows are sums of minutes, in which bytes count up to ten seconds late and
-- percentiles are at most 3.2 % off; stderr says so. Below the table some columns as small
-- charts over the rows above, from 0 to the highest value; of more than 60 rows each place
-- of the chart shows the highest of some. With --by there is a row for each interval and
-- each of the five that moved the most bytes, these first, and one for all others together.
--
-- alias rates, graph
-- by port: service_port; each port that was connected to, here or at a peer
-- by process: pid, comm, process_id; each process
-- by peer: peer_address; each peer address
--
-- column time_us: second as TIME; begin of the interval, a multiple of its length (UTC)
-- column opened: count
-- column closed: count; in order
-- column failed: count; refused, timeout, unreachable, aborted or reset
-- column bytes_sent: bytes as SENT; payload, without retransmissions
-- column bytes_received: bytes as RECEIVED
-- column sent_bps: bps as SENT/S; bits of these per second
-- column received_bps: bps as RECEIVED/S
-- column rtt_samples: count as SAMPLES
-- column rtt_p50_us: duration
-- column rtt_p95_us: duration
-- column rtt_p99_us: duration
-- column service_port: plain as PORT; with --by port
-- column pid: plain; with --by process
-- column comm: text; with --by process
-- column peer_address: text as PEER; with --by peer
-- column keys: count; with --by: how many are summed up in this row
-- column opened_per_second: hidden rate as RATE
-- column interval_us: hidden duration
-- column process_id: hidden
-- all rows
-- narrow rtt_samples, rtt_p95_us, closed, bytes_sent, bytes_received
SELECT * FROM rates ORDER BY time_us;
-- by
WITH RECURSIVE intervals(n) AS (
  SELECT last_n FROM step UNION ALL SELECT n - 1 FROM intervals WHERE n > (SELECT first_n FROM step)
), alive AS ( -- LIMIT -1: of many columns only these are worked out
  SELECT id, {by}, start_kind, opened_us, outcome, is_failure, closed_us, counters_us, has_intervals,
         bytes_sent, bytes_received, bytes_sent_before, bytes_received_before
  FROM chosen_connections
  WHERE opened_us < :end_us AND alive_until_us >= :begin_us
  LIMIT -1
), own AS MATERIALIZED (
  SELECT *, dense_rank() OVER (ORDER BY {by}) AS key FROM alive
), batches_of_keys AS ( -- what a batch holds of each key
  SELECT key, from_us, until_us, sum(i.bytes_sent) AS bytes_sent,
         sum(i.bytes_received) AS bytes_received
  FROM (SELECT connection_id, from_us, until_us, bytes_sent, bytes_received
        FROM chosen_intervals
        WHERE (SELECT counts_moved FROM temp.window)
        LIMIT -1) i
  CROSS JOIN own ON own.id = i.connection_id
  GROUP BY key, until_us, from_us
), pieces AS ( -- and each interval of that
  SELECT max(from_us, first_us) / us AS n, key, from_us, until_us, bytes_sent, bytes_received
  FROM batches_of_keys, step
  UNION ALL
  SELECT n + 1, key, from_us, until_us, bytes_sent, bytes_received
  FROM pieces, step
  WHERE (n + 1) * us < min(until_us, end_us)
), happened AS (
  SELECT NULL AS n, key, 0 AS opened, 0 AS closed, 0 AS failed, 0 AS bytes_sent, 0 AS bytes_received
  FROM own -- so that each key has a row
  UNION ALL
  SELECT n, key, 0, 0, 0,
         share(bytes_sent, from_us, until_us, max(n * us, first_us), min((n + 1) * us, end_us))
           AS bytes_sent,
         share(bytes_received, from_us, until_us, max(n * us, first_us), min((n + 1) * us, end_us))
           AS bytes_received
  FROM pieces, step
  UNION ALL
  SELECT opened_us / us, key, 1, 0, 0, 0, 0
  FROM own, step
  WHERE start_kind = 'seen' AND opened_us >= first_us AND opened_us < end_us
  UNION ALL
  SELECT closed_us / us, key, 0, outcome = 'closed', is_failure, 0, 0
  FROM own, step
  WHERE closed_us >= first_us AND closed_us < end_us
  UNION ALL
  SELECT moved_us / us, key, 0, 0, 0, sent, received
  FROM (SELECT key, coalesce(closed_us, counters_us) AS moved_us, bytes_sent - bytes_sent_before AS sent,
               bytes_received - bytes_received_before AS received
        FROM own
        WHERE NOT has_intervals AND (SELECT counts_moved FROM temp.window)
        UNION ALL
        SELECT key, closed_us, bytes_sent, bytes_received
        FROM own
        WHERE NOT (SELECT counts_moved FROM temp.window)), step
  WHERE moved_us >= first_us AND moved_us < end_us
), summed AS MATERIALIZED (
  SELECT n, key, sum(opened) AS opened, sum(closed) AS closed, sum(failed) AS failed,
         sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received
  FROM happened
  GROUP BY key, n
), ranked AS MATERIALIZED (
  SELECT key, row_number() OVER (ORDER BY sum(bytes_sent + bytes_received) DESC,
                                          sum(opened + closed + failed) DESC, key) AS place
  FROM summed
  GROUP BY key
), placed AS MATERIALIZED ( -- the sixth is all others
  SELECT n, min(place, 6) AS place, sum(opened) AS opened, sum(closed) AS closed,
         sum(failed) AS failed, sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received
  FROM summed JOIN ranked USING (key)
  GROUP BY n, min(place, 6)
), named AS MATERIALIZED (
  SELECT min(place, 6) AS place, count(*) AS keys, min(key) AS key FROM ranked GROUP BY 1
), columns AS (
  SELECT place, keys, {by}
  FROM named LEFT JOIN (SELECT DISTINCT key, {by} FROM own) o ON o.key = named.key AND place < 6
), newest AS (
  SELECT i.n * us AS time_us, place, {by}, keys, coalesce(opened, 0) AS opened,
         coalesce(closed, 0) AS closed, coalesce(failed, 0) AS failed,
         coalesce(bytes_sent, 0) AS bytes_sent, coalesce(bytes_received, 0) AS bytes_received,
         min(recorded_end_us, (i.n + 1) * us) - max(recorded_us, i.n * us) AS covered_us, us
  FROM step CROSS JOIN intervals i CROSS JOIN columns LEFT JOIN placed USING (n, place)
  ORDER BY time_us DESC, place DESC
  LIMIT :limit
)
SELECT time_us, {by}, keys, opened, closed, failed, bytes_sent, bytes_received,
       CAST(bytes_sent * 8e6 / covered_us AS INTEGER) AS sent_bps,
       CAST(bytes_received * 8e6 / covered_us AS INTEGER) AS received_bps,
       opened * 1e6 / us AS opened_per_second, us AS interval_us
FROM newest
ORDER BY time_us, place;
-- shared step
WITH span AS MATERIALIZED ( -- what was recorded of the window
  SELECT max(:begin_us, min(started_us)) AS first_us, min(:end_us, max(until_us) + 1) AS end_us
  FROM recording_spans
  WHERE started_us < :end_us AND until_us >= :begin_us
), lengths(seconds) AS (
  VALUES (1), (2), (5), (10), (15), (30), (60), (120), (300), (600), (900), (1800), (3600),
         (7200), (10800), (21600), (43200), (86400), (172800), (604800), (2592000), (31536000)
), length AS (
  SELECT coalesce(:interval_us,
                  (SELECT min(seconds) * 1000000 FROM lengths
                   WHERE (end_us - 1) / (seconds * 1000000) - first_us / (seconds * 1000000) < 20),
                  31536000000000) AS us
  FROM span
)
SELECT us, first_n, last_n, max(:begin_us, first_n * us) AS first_us,
       min(:end_us, (last_n + 1) * us) AS end_us, recorded_us, recorded_end_us
FROM (SELECT us, first_us / us AS first_n, (end_us - 1) / us AS last_n, first_us AS recorded_us,
             end_us AS recorded_end_us
      FROM span, length
      WHERE first_us < end_us);
-- shared counted
WITH RECURSIVE intervals(n) AS ( -- from the newest on, :limit of them
  SELECT last_n FROM step
  UNION ALL
  SELECT n - 1 FROM intervals WHERE n > (SELECT first_n FROM step)
  LIMIT :limit
), shown AS MATERIALIZED (
  SELECT max(:begin_us, min(n) * us) AS first_us, min(:end_us, (max(n) + 1) * us) AS end_us
  FROM intervals, step
), alive AS MATERIALIZED (
  SELECT start_kind, opened_us, closed_us, outcome, is_failure, bytes_sent, bytes_received,
         counters_us, has_intervals, bytes_sent_before, bytes_received_before
  FROM chosen_connections
), opened AS MATERIALIZED (
  SELECT opened_us / (SELECT us FROM step) AS n, count(*) AS opened
  FROM alive
  WHERE start_kind = 'seen' AND opened_us >= (SELECT first_us FROM shown)
    AND opened_us < (SELECT end_us FROM shown)
  GROUP BY 1
), ended AS MATERIALIZED (
  SELECT closed_us / (SELECT us FROM step) AS n, count(*) FILTER (WHERE outcome = 'closed') AS closed,
         count(*) FILTER (WHERE is_failure) AS failed
  FROM alive
  WHERE closed_us >= (SELECT first_us FROM shown) AND closed_us < (SELECT end_us FROM shown)
  GROUP BY 1
), moved_in_batches AS ( -- LIMIT -1: of many columns only these are worked out
  SELECT from_us, until_us, sum(bytes_sent) AS bytes_sent,
         sum(bytes_received) AS bytes_received
  FROM (SELECT from_us, until_us, bytes_sent, bytes_received
        FROM chosen_intervals
        WHERE (SELECT counts_moved FROM temp.window) AND until_us >= (SELECT first_us FROM shown)
        LIMIT -1)
  GROUP BY until_us, from_us
), pieces AS ( -- what each interval has of these
  SELECT max(from_us, shown.first_us) / us AS n, from_us, until_us, bytes_sent, bytes_received
  FROM moved_in_batches, shown, step
  UNION ALL
  SELECT n + 1, from_us, until_us, bytes_sent, bytes_received
  FROM pieces, shown, step
  WHERE (n + 1) * us < min(until_us, shown.end_us)
), moved AS MATERIALIZED (
  SELECT n, sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received
  FROM (SELECT n,
               share(bytes_sent, from_us, until_us, max(n * us, shown.first_us),
                     min((n + 1) * us, shown.end_us)) AS bytes_sent,
               share(bytes_received, from_us, until_us, max(n * us, shown.first_us),
                     min((n + 1) * us, shown.end_us)) AS bytes_received
        FROM pieces, shown, step
        UNION ALL
        SELECT moved_us / us, bytes_sent, bytes_received
        FROM (SELECT coalesce(closed_us, counters_us) AS moved_us,
                     bytes_sent - bytes_sent_before AS bytes_sent,
                     bytes_received - bytes_received_before AS bytes_received
              FROM alive
              WHERE NOT has_intervals AND (SELECT counts_moved FROM temp.window)
              UNION ALL
              SELECT closed_us, bytes_sent, bytes_received
              FROM alive
              WHERE NOT (SELECT counts_moved FROM temp.window)), shown, step
        WHERE moved_us >= shown.first_us AND moved_us < shown.end_us)
  GROUP BY n
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
SELECT i.n, opened, closed, failed, bytes_sent, bytes_received, count_of(rtts) AS rtt_samples,
       percentile_of(rtts, 50) AS rtt_p50_us, percentile_of(rtts, 95) AS rtt_p95_us,
       percentile_of(rtts, 99) AS rtt_p99_us
FROM measured i
LEFT JOIN opened o ON o.n = i.n
LEFT JOIN ended e ON e.n = i.n
LEFT JOIN moved m ON m.n = i.n;
-- minutes shared counted
WITH RECURSIVE intervals(n) AS (
  SELECT last_n FROM step
  UNION ALL
  SELECT n - 1 FROM intervals WHERE n > (SELECT first_n FROM step)
  LIMIT :limit
), happened AS MATERIALIZED (
  SELECT begin_us / (SELECT us FROM step) AS n, sum(opened) AS opened, sum(closed) AS closed,
         sum(refused + timeout + unreachable + aborted + reset) AS failed,
         sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received,
         distribution_of_buckets(rtts, rtt_min_us, rtt_max_us) AS rtts
  FROM minutes
  WHERE begin_us >= (SELECT min(n) * us FROM intervals, step)
  GROUP BY 1
)
SELECT i.n, opened, closed, failed, bytes_sent, bytes_received, count_of(rtts) AS rtt_samples,
       percentile_of(rtts, 50) AS rtt_p50_us, percentile_of(rtts, 95) AS rtt_p95_us,
       percentile_of(rtts, 99) AS rtt_p99_us
FROM intervals i
LEFT JOIN happened h ON h.n = i.n;
-- shared rates
SELECT n * us AS time_us, coalesce(opened, 0) AS opened, coalesce(closed, 0) AS closed,
       coalesce(failed, 0) AS failed, coalesce(bytes_sent, 0) AS bytes_sent,
       coalesce(bytes_received, 0) AS bytes_received,
       CAST(coalesce(bytes_sent, 0) * 8e6 / (min(recorded_end_us, (n + 1) * us)
                                             - max(recorded_us, n * us)) AS INTEGER) AS sent_bps,
       CAST(coalesce(bytes_received, 0) * 8e6 / (min(recorded_end_us, (n + 1) * us)
                                                 - max(recorded_us, n * us)) AS INTEGER)
         AS received_bps, rtt_samples, rtt_p50_us, rtt_p95_us, rtt_p99_us,
       coalesce(opened, 0) * 1e6 / us AS opened_per_second, us AS interval_us
FROM step CROSS JOIN counted;
-- footer
-- column interval_us: duration as interval
-- column opened: spark
-- column failed: spark
-- column sent_bps: spark as sent/s
-- column received_bps: spark as received/s
-- column rtt_p50_us: spark as rtt p50
-- column rtt_p99_us: spark as rtt p99
WITH placed AS (
  SELECT *, (row_number() OVER (ORDER BY time_us) - 1) * 60 / max(count(*) OVER (), 60) AS place
  FROM rates
), in_order AS MATERIALIZED ( -- the highest of each place
  SELECT max(interval_us) AS interval_us, max(opened) AS opened, max(failed) AS failed,
         max(sent_bps) AS sent_bps, max(received_bps) AS received_bps,
         max(rtt_p50_us) AS rtt_p50_us, max(rtt_p99_us) AS rtt_p99_us
  FROM placed
  GROUP BY place
  ORDER BY place
), highest AS MATERIALIZED (
  SELECT max(opened) AS opened, max(failed) AS failed, max(sent_bps) AS sent_bps,
         max(received_bps) AS received_bps, max(rtt_p50_us) AS p50, max(rtt_p99_us) AS p99
  FROM in_order
)
SELECT coalesce(interval_us, :interval_us, 31536000000000) AS interval_us,
       group_concat(coalesce(CAST(7.999 * i.opened / h.opened AS INTEGER), ' '), '')
         AS opened,
       group_concat(coalesce(CAST(7.999 * i.failed / h.failed AS INTEGER), ' '), '')
         AS failed,
       group_concat(coalesce(CAST(7.999 * i.sent_bps / h.sent_bps AS INTEGER), ' '), '')
         AS sent_bps,
       group_concat(coalesce(CAST(7.999 * i.received_bps / h.received_bps AS INTEGER), ' '), '')
         AS received_bps,
       group_concat(coalesce(CAST(7.999 * i.rtt_p50_us / h.p50 AS INTEGER), ' '), '')
         AS rtt_p50_us,
       group_concat(coalesce(CAST(7.999 * i.rtt_p99_us / h.p99 AS INTEGER), ' '), '')
         AS rtt_p99_us
FROM in_order i, highest h;
