-- What each connection of one file moved in the window, by its intervals. One that the window cuts
-- counts in proportion to its time in it, as the difference of two sums since its begin: windows
-- that follow each other add up to the whole.
REPLACE INTO temp.moved
SELECT raised(connection_id),
       sum(iif(is_within, bytes_sent,
               CAST(bytes_sent * last_us / us AS INTEGER) - CAST(bytes_sent * first_us / us AS INTEGER))),
       sum(iif(is_within, bytes_received,
               CAST(bytes_received * last_us / us AS INTEGER)
                 - CAST(bytes_received * first_us / us AS INTEGER)))
FROM (SELECT first_interval_id, last_interval_id, max(intervals_until_us - intervals_from_us, 1) AS us,
             max(w.begin_us - intervals_from_us, 0) AS first_us,
             min(w.end_us, max(intervals_until_us, intervals_from_us + 1)) - intervals_from_us AS last_us,
             intervals_from_us >= w.begin_us AND intervals_until_us <= w.end_us AS is_within
      FROM temp.window w CROSS JOIN {file}batches b
      ON b.intervals_until_us >= w.begin_us AND b.intervals_from_us < w.end_us
         AND b.first_interval_id IS NOT NULL) b
CROSS JOIN {file}packed_intervals p ON p.id BETWEEN b.first_interval_id AND b.last_interval_id
GROUP BY connection_id;
