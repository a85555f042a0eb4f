-- The events of the window and of the connections that the filter takes. Of many events a report
-- shows few: the connections of these are looked up one by one.
SELECT * FROM temp.window_events e
WHERE EXISTS (SELECT 1 FROM temp.taken_connections t
              WHERE t.file_number = file_of(e.connection_id)
                AND t.id_in_file = id_in_file(e.connection_id))
