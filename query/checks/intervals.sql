-- intervals: the intervals of a connection add up to its bytes
--
-- Exactly where none was deleted or cut off; elsewhere they are no more. Of a connection that
-- is open, its row is older than its newest intervals.
WITH told AS MATERIALIZED (
  SELECT p.connection_id, total(p.bytes_sent) AS sent, total(p.bytes_received) AS received
  FROM batches b
  CROSS JOIN packed_intervals p ON p.id BETWEEN b.first_interval_id AND b.last_interval_id
  CROSS JOIN connections c ON c.id = p.connection_id
  WHERE b.first_interval_id IS NOT NULL
    AND (c.closed_us IS NOT NULL OR b.intervals_until_us <= c.counters_us)
  GROUP BY p.connection_id
), moved AS (
  SELECT c.id, c.opened_us, c.closed_us, c.bytes_sent - c.bytes_sent_before AS sent,
         c.bytes_received - c.bytes_received_before AS received,
         c.has_intervals, coalesce(t.sent, 0) AS told_sent, coalesce(t.received, 0) AS told_received,
         c.recording_id NOT IN (SELECT recording_id FROM snapshots)
           AND c.opened_us >= coalesce((SELECT kept_from_us FROM retention
                                        WHERE kind = 'intervals'), c.opened_us) AS is_complete
  FROM connections c LEFT JOIN told t ON t.connection_id = c.id
  WHERE c.has_intervals AND (c.closed_us IS NOT NULL OR c.counters_us IS NOT NULL)
     OR t.connection_id IS NOT NULL
)
SELECT 'wrong' AS status,
       format('connection %d sent %d bytes and received %d; its intervals tell %d and %d', id,
              sent, received, told_sent, told_received) AS finding,
       opened_us AS begin_us, closed_us AS end_us
FROM moved
WHERE told_sent > sent OR told_received > received
   OR is_complete AND (told_sent <> sent OR told_received <> received)
UNION ALL
SELECT 'wrong', format('connection %d has intervals, and its row says that it has none', id),
       opened_us, closed_us
FROM moved
WHERE NOT has_intervals;
