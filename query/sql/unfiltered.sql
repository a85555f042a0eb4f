-- Without a filter all of the window is chosen, which costs nothing.
CREATE TEMP VIEW chosen_connections AS SELECT * FROM temp.window_connections;
CREATE TEMP VIEW chosen_listeners AS SELECT * FROM temp.listener_facts;
CREATE TEMP VIEW chosen_events AS SELECT * FROM temp.window_events;
CREATE TEMP VIEW chosen_rtt_samples AS SELECT * FROM temp.window_rtt_samples;
