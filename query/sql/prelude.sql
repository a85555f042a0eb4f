-- What the reports share. Run on each connection before it is locked against
-- writing: all of it is TEMP, the file is not touched.

-- The window of the report; before one is set, all is in it. Connections that ended before
-- connections_from_us are not read. newest_rows is the most rows that the report shows (-1: all).
-- counts_moved: the bytes of a connection in the window are those that moved in it, and not all.
CREATE TEMP TABLE window (
  begin_us INTEGER, end_us INTEGER, connections_from_us INTEGER, newest_rows INTEGER,
  counts_moved INTEGER);
INSERT INTO temp.window VALUES (0, 9223372036854775807, 0, -1, 0);
ANALYZE temp.window; -- so that SQLite knows that it has one row

-- What each connection that has intervals moved in the window. moved.sql fills it for those who ask
-- for bytes_sent_in_window or bytes_received_in_window, where counts_moved is set.
CREATE TEMP TABLE moved (connection_id INTEGER PRIMARY KEY, bytes_sent, bytes_received);

-- Between which ids the events and RTT samples of each file lie that may be in the window; NULL
-- where it has none. window_rows.sql fills it.
CREATE TEMP TABLE window_rows (
  file_number INTEGER PRIMARY KEY, first_event_id INTEGER, last_event_id INTEGER,
  first_rtt_sample_id INTEGER, last_rtt_sample_id INTEGER);

-- In which ranges of ids, which do not overlap, connections of each file lie that may have been
-- alive in the window. window.sql fills it.
CREATE TEMP TABLE window_ids (file_number INTEGER, first_id INTEGER, last_id INTEGER);
-- SQLite takes it for short: with many ranges it would make an index of all connections, by
-- whatever is asked to be equal, rather than look for the ids of each.
INSERT INTO temp.window_ids VALUES (0, 0, 0);
ANALYZE temp.window_ids;
DELETE FROM temp.window_ids;

-- The values of the filter, which its condition (query/filter/to_sql.h) reads by their number.
CREATE TEMP TABLE filter_values (n INTEGER PRIMARY KEY, value);

-- The connections of the window that the filter takes. It is filled for a report that looks for
-- many rows of them: by INTEGER PRIMARY KEY an id is found fastest.
CREATE TEMP TABLE chosen_ids (id INTEGER PRIMARY KEY);

-- When each recording was on, and whether it is: recording_spans.sql fills it.
CREATE TEMP TABLE recording_spans (
  recording_id INTEGER PRIMARY KEY, hostname TEXT, file_number INTEGER, started_us INTEGER,
  until_us INTEGER, end_kind TEXT, is_cut INTEGER, is_part INTEGER);

-- The causes of loss in words: those of loss_log.
CREATE TEMP TABLE loss_causes (place INTEGER PRIMARY KEY, cause, what, why); -- what: singular
INSERT INTO loss_causes (cause, what, why) VALUES
  ('sample_ring',    'RTT sample',      'sample ring full'),
  ('lifecycle_ring', 'event',           'lifecycle ring full'),
  ('no_storage',     'kernel callback', 'no memory for the socket'),
  ('netns',          'network namespace', 'not entered'),
  ('decode_reject',  'record',          'not understood'),
  ('file',           'record',          'gone with a file that was deleted or cut short');
