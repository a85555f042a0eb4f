-- The events that may lie in the window. ORDER BY place, id is
-- the order in which they happened: within one file that is the order of the ids, which SQLite
-- reads without sorting. id_in_file is the id without what was added to tell it from those of
-- other files (file_number).
SELECT raised(r.id) AS id, raised(r.connection_id) AS connection_id, r.time_us, r.kind,
       r.old_state, r.new_state, r.value, {number} AS file_number, r.id AS id_in_file,
       {place} AS place
FROM {file}events r
WHERE r.id BETWEEN (SELECT first_event_id FROM temp.window_rows WHERE file_number = {number})
               AND (SELECT last_event_id FROM temp.window_rows WHERE file_number = {number})
