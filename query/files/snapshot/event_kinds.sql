SELECT * FROM event_kinds;
