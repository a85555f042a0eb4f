-- samples: connections sum up their RTT samples
--
-- Exactly where the connection was opened in its recording, each sample is stored and none
-- was lost or deleted while the connection lived; elsewhere no stored sample is beyond what
-- the connection's row says. (A file that is begun anew because another was damaged has
-- connections that are older.) Rows of open connections and of those whose end was not seen
-- are older than their samples.
WITH stored AS MATERIALIZED (
  SELECT connection_id, count(*) AS n, min(rtt_us) AS least, max(rtt_us) AS most,
         avg(rtt_us) AS average
  FROM rtt_samples GROUP BY connection_id
), ended AS (
  SELECT c.id, c.opened_us, c.closed_us, c.rtt_samples, c.rtt_min_us, c.rtt_max_us,
         c.rtt_sum_us * 1.0 / c.rtt_samples AS rtt_avg_us,
         coalesce(s.n, 0) AS n, s.least, s.most, s.average,
         c.rtt_mode = 'every' AND c.start_kind = 'seen' AND c.opened_us >= c.started_us
           AND c.is_whole AND c.opened_us >= coalesce((SELECT kept_from_us FROM retention
                                                       WHERE kind = 'rtt_samples'), c.opened_us)
           AS is_complete
  FROM ended_connections c LEFT JOIN stored s ON s.connection_id = c.id
)
SELECT 'wrong' AS status,
       CASE WHEN n > rtt_samples OR is_complete AND n <> rtt_samples
            THEN format('connection %d had %d RTT samples, %d are stored', id, rtt_samples, n)
            WHEN is_complete
            THEN format('connection %d had RTTs of %s to %s us, %s on average; stored are %s to %s us, %s',
                        id, rtt_min_us, rtt_max_us, rtt_avg_us, least, most, average)
            ELSE format('connection %d had RTTs of %s to %s us; stored are %s to %s us',
                        id, rtt_min_us, rtt_max_us, least, most)
       END AS finding,
       opened_us AS begin_us, closed_us AS end_us
FROM ended
WHERE n > rtt_samples OR least < rtt_min_us OR most > rtt_max_us
   OR is_complete AND (n <> rtt_samples OR least IS NOT rtt_min_us OR most IS NOT rtt_max_us
                       OR abs(average - rtt_avg_us) > 0.01 * rtt_avg_us + 0.01);
