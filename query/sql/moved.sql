-- What each connection of one file moved in the window, by its intervals. Of one that the window cuts
-- it is the share of the time that they have in common. Few connections have many intervals, so this
-- is faster than GROUP BY, which would sort all of them.
INSERT INTO temp.moved
SELECT raised(p.connection_id),
       iif(b.is_within, p.bytes_sent,
           share(p.bytes_sent, b.from_us, b.until_us, b.begin_us, b.end_us)),
       iif(b.is_within, p.bytes_received,
           share(p.bytes_received, b.from_us, b.until_us, b.begin_us, b.end_us))
FROM (SELECT b.first_interval_id, b.last_interval_id, b.intervals_from_us AS from_us,
             b.intervals_until_us AS until_us, w.begin_us, w.end_us,
             b.intervals_from_us >= w.begin_us AND b.intervals_until_us <= w.end_us
               AND b.intervals_from_us < b.intervals_until_us AS is_within
      FROM temp.window w CROSS JOIN {file}batches b
      ON b.intervals_until_us >= w.begin_us AND b.intervals_from_us < w.end_us
         AND b.first_interval_id IS NOT NULL) b
CROSS JOIN {file}packed_intervals p ON p.id BETWEEN b.first_interval_id AND b.last_interval_id
WHERE TRUE -- without it SQLite would take ON CONFLICT for a part of the join
ON CONFLICT (connection_id) DO UPDATE SET
  bytes_sent = bytes_sent + excluded.bytes_sent,
  bytes_received = bytes_received + excluded.bytes_received;
