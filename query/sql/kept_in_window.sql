-- One row per kind of which something in the window may have been deleted: what, and from
-- when on all of it is there.
SELECT what, kept_from_us
FROM temp.kept
WHERE kept_from_us > :begin_us
ORDER BY place;
