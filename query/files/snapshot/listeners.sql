-- Those that listened within the window.
SELECT * FROM listeners
WHERE id IN (SELECT id FROM chosen_listeners
             WHERE opened_us < :end_us AND until_us >= :begin_us);
