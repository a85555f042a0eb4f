-- minutes: sums of minutes are those of the connections and samples
--
-- As far as nothing was deleted, and the file holds no window of another.
WITH parts AS MATERIALIZED (
  SELECT NOT EXISTS (SELECT * FROM snapshots) AS none,
         max(deleted_rows) FILTER (WHERE kind IN ('minutes', 'connections')) = 0 AS of_connections,
         max(deleted_rows) FILTER (WHERE kind IN ('minutes', 'rtt_samples')) = 0 AS of_samples
  FROM retention
), counted(minute, what, n) AS (
  SELECT begin_us / 60000000, 'opened', opened FROM minutes
  UNION ALL
  SELECT begin_us / 60000000, 'ended',
         closed + refused + timeout + unreachable + reset + aborted + repair
  FROM minutes
  UNION ALL
  SELECT begin_us / 60000000, 'samples', rtt_samples FROM minutes
), there(minute, what, n) AS (
  SELECT opened_us / 60000000, 'opened', 1 FROM connections WHERE start_kind = 'seen'
  UNION ALL
  SELECT closed_us / 60000000, 'ended', 1 FROM connections WHERE outcome NOT IN ('open', 'lost')
  UNION ALL
  SELECT time_us / 60000000, 'samples', 1 FROM rtt_samples
), compared AS (
  SELECT minute, what, sum(counted) AS counted, sum(there) AS there
  FROM (SELECT minute, what, n AS counted, 0 AS there FROM counted
        UNION ALL
        SELECT minute, what, 0, n FROM there)
  GROUP BY minute, what
)
SELECT 'wrong' AS status,
       format('minute %d of %s: %d of %d RTT samples are in its buckets', id, comm,
              (SELECT total(value) FROM json_each(iif(json_valid(rtts), rtts, '{}'))), rtt_samples)
         AS finding,
       begin_us, begin_us + 59999999 AS end_us
FROM minutes
WHERE rtt_samples <> (SELECT total(value) FROM json_each(iif(json_valid(rtts), rtts, '{}')))
   OR NOT json_valid(rtts)
UNION ALL
SELECT 'wrong',
       format('%d %s %s in this minute, and by its sums %d', there,
              iif(what = 'samples', 'RTT samples', 'connections'),
              CASE what WHEN 'opened' THEN 'were opened' WHEN 'ended' THEN 'ended' ELSE 'were stored' END, counted),
       minute * 60000000, minute * 60000000 + 59999999
FROM compared, parts
WHERE counted <> there AND parts.none AND iif(what = 'samples', of_samples, of_connections);
