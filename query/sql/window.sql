-- Where the connections of the window are in one file: in the batches of those that were opened in
-- it, or up to ten minutes before, and, one by one, those that last longer than that. The batches
-- of a recording give one range, as ids ascend with time.
INSERT INTO temp.window_ids
WITH near AS MATERIALIZED (
  SELECT min(b.first_connection_id) AS first_id, max(b.last_connection_id) AS last_id
  FROM temp.window w JOIN {file}batches b
  ON b.first_opened_us < w.end_us AND b.last_time_us >= w.connections_from_us - 600000000
  GROUP BY b.recording_id
)
SELECT {number}, first_id, last_id FROM near
UNION ALL
SELECT {number}, l.connection_id, l.connection_id
FROM temp.window w JOIN {file}long_connections l
ON (l.closed_us IS NULL OR l.closed_us >= w.connections_from_us)
   AND NOT EXISTS (SELECT * FROM near WHERE l.connection_id BETWEEN first_id AND last_id);
