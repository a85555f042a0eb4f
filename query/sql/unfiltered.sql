-- Without a filter: all there is, at no cost.
CREATE TEMP VIEW chosen_connections AS SELECT * FROM connection_facts;
CREATE TEMP VIEW chosen_listeners AS SELECT * FROM listener_facts;
CREATE TEMP VIEW chosen_events AS SELECT * FROM events;
CREATE TEMP VIEW chosen_rtt_samples AS SELECT * FROM rtt_samples;
CREATE TEMP VIEW events_about_window AS SELECT * FROM events;
CREATE TEMP VIEW rtt_samples_about_window AS SELECT * FROM rtt_samples;
