-- Those of the window, found through the batches, in their order.
WITH ids AS MATERIALIZED (
  SELECT min(first_event_id) AS first, max(last_event_id) AS last
  FROM batches
  WHERE last_time_us >= :begin_us AND first_time_us < :end_us
)
SELECT * FROM events
WHERE id BETWEEN (SELECT first FROM ids) AND (SELECT last FROM ids)
  AND time_us >= :begin_us AND time_us < :end_us
  AND connection_id IN (SELECT id FROM chosen_connections
                        WHERE opened_us < :end_us AND alive_until_us >= :begin_us)
ORDER BY id;
