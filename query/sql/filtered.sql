-- With a filter, whose condition (query/filter/to_sql.h) takes its values from here:
CREATE TEMP TABLE filter_values (n INTEGER PRIMARY KEY, value);
CREATE TEMP VIEW chosen_connections AS SELECT * FROM connection_facts WHERE {condition};
CREATE TEMP VIEW chosen_listeners AS SELECT * FROM listener_facts WHERE {of_listeners};
CREATE TEMP VIEW chosen_events AS
SELECT * FROM events WHERE connection_id IN (SELECT id FROM temp.chosen_connections);
CREATE TEMP VIEW chosen_rtt_samples AS
SELECT * FROM rtt_samples WHERE connection_id IN (SELECT id FROM temp.chosen_connections);
-- For what asks for those of the window: other connections need not be looked at. Their ids are
-- filled in where a report reads them (Database::choose); by INTEGER PRIMARY KEY they are found faster.
CREATE TEMP TABLE ids_about_window (id INTEGER PRIMARY KEY);
CREATE TEMP VIEW events_about_window AS
SELECT * FROM events WHERE connection_id IN temp.ids_about_window;
CREATE TEMP VIEW rtt_samples_about_window AS
SELECT * FROM rtt_samples WHERE connection_id IN temp.ids_about_window;
