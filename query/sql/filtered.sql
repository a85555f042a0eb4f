-- With a filter, its condition (query/filter/condition.h) decides what is chosen.
CREATE TEMP VIEW chosen_connections AS SELECT * FROM temp.window_connections WHERE {condition};
CREATE TEMP VIEW chosen_listeners AS SELECT * FROM temp.listener_facts WHERE {of_listeners};

-- Of many events a report shows few: the connections of these are looked up one by one.
CREATE TEMP VIEW taken_connections AS
SELECT file_number, id_in_file FROM temp.connection_facts WHERE {condition};
CREATE TEMP VIEW chosen_events AS
SELECT * FROM temp.window_events e
WHERE EXISTS (SELECT 1 FROM temp.taken_connections t
              WHERE t.file_number = file_of(e.connection_id)
                AND t.id_in_file = id_in_file(e.connection_id));

-- RTT samples are all read, so the connections are looked for before, once.
CREATE TEMP VIEW chosen_rtt_samples AS
SELECT * FROM temp.window_rtt_samples WHERE connection_id IN temp.chosen_ids;
