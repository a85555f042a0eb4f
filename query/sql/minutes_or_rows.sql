-- Whether minutes are to answer what is asked of everything: if rows are too many to be read at
-- once, or the oldest were deleted, and minutes reach back as far as the rows. Intervals are rows
-- to moves alone: to what tells when bytes moved.
SELECT n.has_minutes AND (n.rows > 1000000 OR k.rows_us IS NOT NULL)
         AND coalesce(k.minutes_us, 0) <= coalesce(k.rows_us, 0) AS of_rows,
       n.has_minutes AND (n.rows > 1000000 OR k.moves_us IS NOT NULL)
         AND coalesce(k.minutes_us, 0) <= coalesce(k.moves_us, 0) AS of_moves
FROM (SELECT max(samples, connections) AS rows, has_minutes
      FROM (SELECT sum(samples) AS samples, sum(connections) AS connections,
                   min(has_minutes) AS has_minutes
            FROM held_rows)) n,
     (SELECT max(kept_from_us) FILTER (WHERE kind IN ('rtt_samples', 'connections')) AS rows_us,
             max(kept_from_us) FILTER (WHERE kind IN ('rtt_samples', 'connections', 'intervals'))
               AS moves_us,
             max(kept_from_us) FILTER (WHERE kind = 'minutes') AS minutes_us
      FROM kept) k
