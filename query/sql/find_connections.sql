-- Run in a new file when its rows are there: where the connections of a window are. Each
-- batch tells which of the connections it was the first to tell of are there, and the table
-- long_connections has those that no batch leads to, or not the batches of the window.
UPDATE batches SET (first_connection_id, last_connection_id, first_opened_us) =
  (SELECT min(id), max(id), min(opened_us) FROM connections
   WHERE id BETWEEN first_connection_id AND last_connection_id);
UPDATE batches SET last_time_us = max(coalesce(last_time_us, opened_us), opened_us)
FROM (SELECT b.id AS batch_id, max(c.opened_us) AS opened_us
      FROM batches b CROSS JOIN connections c
      ON c.id BETWEEN b.first_connection_id AND b.last_connection_id GROUP BY b.id)
WHERE id = batch_id;
INSERT INTO long_connections
SELECT id, closed_us FROM connections
WHERE closed_us IS NULL OR closed_us - opened_us > 600000000
   OR id NOT IN (SELECT c.id FROM batches b CROSS JOIN connections c
                 ON c.id BETWEEN b.first_connection_id AND b.last_connection_id);
