-- One row per kind of which something in the window may have been deleted: what, and from
-- when on all of it is there. Of sums only if the report is made of them.
SELECT what, kept_from_us
FROM temp.kept
WHERE kept_from_us > :begin_us AND source = CASE WHEN :of_minutes THEN 'minutes' WHEN :roll_up THEN 'traffic' ELSE 'rows' END
ORDER BY place;
