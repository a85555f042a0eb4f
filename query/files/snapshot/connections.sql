-- Those alive in the window, as they are: also what happened to them before and after.
SELECT * FROM connections
WHERE id IN (SELECT id FROM chosen_connections
             WHERE opened_us < :end_us AND alive_until_us >= :begin_us);
