-- What was deleted since the file had reached its limit (NULL: nothing), in words.
SELECT CASE kind WHEN 'rtt_samples' THEN 1 WHEN 'events' THEN 2 WHEN 'intervals' THEN 3
                 WHEN 'connections' THEN 4 WHEN 'traffic' THEN 5 ELSE 6 END AS place,
       CASE kind WHEN 'rtt_samples' THEN 'RTT samples' ELSE kind END AS what,
       kind, iif(kind IN ('traffic', 'minutes'), kind, 'rows') AS source, max(kept_from_us) AS kept_from_us,
       sum(deleted_rows) AS deleted_rows
FROM retention
GROUP BY kind -- of several files: from when on all of them have it
