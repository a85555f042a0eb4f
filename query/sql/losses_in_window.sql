-- One row per cause: how many, of what (singular), why.
SELECT sum(lost) AS count, what, why
FROM temp.losses
WHERE to_us >= :begin_us AND from_us < :end_us
GROUP BY cause
ORDER BY min(place), cause;
