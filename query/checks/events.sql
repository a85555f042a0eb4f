-- events: a connection that ended has one event that says so
WITH ends AS MATERIALIZED (
  SELECT connection_id, count(*) AS n, max(time_us) AS time_us
  FROM events
  WHERE kind IN (SELECT id FROM event_kinds WHERE name IN ('close', 'attempt'))
  GROUP BY connection_id
), ended AS (
  SELECT c.id, c.opened_us, c.closed_us, coalesce(e.n, 0) AS n, e.time_us,
         c.closed_us >= c.started_us AND c.is_whole
           AND c.closed_us >= coalesce((SELECT kept_from_us FROM retention
                                        WHERE kind = 'events'), c.closed_us) AS is_complete
  FROM ended_connections c LEFT JOIN ends e ON e.connection_id = c.id
)
SELECT 'wrong' AS status,
       CASE WHEN n = 1 THEN format('connection %d ended at another time than its event says', id)
            ELSE format('connection %d has %d events of its end', id, n) END AS finding,
       opened_us AS begin_us, closed_us AS end_us
FROM ended
WHERE n > 1 OR n = 0 AND is_complete OR n = 1 AND time_us <> closed_us;
