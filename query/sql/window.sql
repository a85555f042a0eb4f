-- Where connections of the window are: in blocks of 1024 ids opened in it, or up to ten
-- minutes before, and, one by one, those that last longer than that.
INSERT INTO temp.window_ids
WITH near AS MATERIALIZED (
  SELECT b.id FROM temp.window w JOIN connection_blocks b
  ON b.first_opened_us < w.end_us AND b.last_opened_us >= w.begin_us - 600000000
)
SELECT id * 1024, id * 1024 + 1023 FROM near
UNION ALL
SELECT l.connection_id, l.connection_id FROM temp.window w JOIN long_connections l
ON (l.closed_us IS NULL OR l.closed_us >= w.begin_us) AND l.connection_id / 1024 NOT IN near;

INSERT INTO temp.end_ids
WITH near AS MATERIALIZED (
  SELECT b.id FROM temp.window w JOIN connection_blocks b
  ON b.first_opened_us < w.end_us AND b.last_opened_us >= w.end_us - 600000000
)
SELECT id * 1024, id * 1024 + 1023 FROM near
UNION ALL
SELECT l.connection_id, l.connection_id FROM temp.window w JOIN long_connections l
ON (l.closed_us IS NULL OR l.closed_us >= w.end_us) AND l.connection_id / 1024 NOT IN near;
