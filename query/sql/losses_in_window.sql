-- What was lost in the window, as one text: how many of what, and why, for each cause. NULL: nothing.
SELECT group_concat(format('%d %s%s (%s)', count, what, iif(count = 1, '', 's'), why), ', ')
FROM (SELECT sum(lost) AS count, what, why
      FROM temp.losses
      WHERE to_us >= :begin_us AND from_us < :end_us
      GROUP BY cause
      ORDER BY min(place), cause);
