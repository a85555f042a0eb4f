-- What each connection of one file moved in the window, by its intervals. Of one that the window cuts
-- it is the share of the time that they have in common, without the time before the connection was
-- opened and after it had ended. Few connections have many intervals, so this is faster than GROUP
-- BY, which would sort all of them.
INSERT INTO temp.moved
SELECT raised(connection_id),
       iif(is_within, bytes_sent, share(bytes_sent, from_us, until_us, begin_us, end_us)),
       iif(is_within, bytes_received, share(bytes_received, from_us, until_us, begin_us, end_us))
FROM (SELECT p.connection_id, p.bytes_sent, p.bytes_received, b.is_within, b.begin_us, b.end_us,
             coalesce((SELECT min(max(b.from_us, iif(start_kind = 'seen', opened_us, b.from_us)),
                                  coalesce(closed_us, b.until_us))
                       FROM {file}connections WHERE id = p.connection_id), b.from_us) AS from_us,
             min(b.until_us, coalesce((SELECT closed_us FROM {file}connections
                                       WHERE id = p.connection_id), b.until_us)) AS until_us
      FROM (SELECT b.first_interval_id, b.last_interval_id, b.intervals_from_us AS from_us,
                   b.intervals_until_us AS until_us, w.begin_us, w.end_us,
                   b.intervals_from_us >= w.begin_us AND b.intervals_until_us <= w.end_us
                     AND b.intervals_from_us < b.intervals_until_us AS is_within
            FROM temp.window w CROSS JOIN {file}batches b
            ON b.intervals_until_us >= w.begin_us AND b.intervals_from_us < w.end_us
               AND b.first_interval_id IS NOT NULL) b
      CROSS JOIN {file}packed_intervals p
      ON p.id BETWEEN b.first_interval_id AND b.last_interval_id)
WHERE TRUE -- without it SQLite would take ON CONFLICT for a part of the join
ON CONFLICT (connection_id) DO UPDATE SET
  bytes_sent = bytes_sent + excluded.bytes_sent,
  bytes_received = bytes_received + excluded.bytes_received;
