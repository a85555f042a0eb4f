-- A few more than were alive in the window: the report asks exactly.
CREATE TEMP VIEW connections_about_window AS
SELECT c.* FROM temp.window_ids i
CROSS JOIN temp.chosen_connections c ON c.id BETWEEN i.first_id AND i.last_id;

-- A few more than were open at its end.
CREATE TEMP VIEW connections_about_end AS
SELECT c.* FROM temp.end_ids i
CROSS JOIN temp.chosen_connections c ON c.id BETWEEN i.first_id AND i.last_id;
