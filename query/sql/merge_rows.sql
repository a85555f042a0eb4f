-- What of each table of one file goes into the merged file: a SELECT of whole rows, in which ids are
-- those of the merged file. :connections and the like are the greatest ids that are there already.

-- recordings: Those that no other file holds better.
SELECT *, id + :recordings AS id FROM recordings WHERE is_taken(id) ORDER BY id;

-- host_checks: Those of the recordings.
SELECT *, recording_id + :recordings AS recording_id FROM host_checks WHERE is_taken(recording_id);

-- snapshots: Those of the recordings.
SELECT *, recording_id + :recordings AS recording_id FROM snapshots WHERE is_taken(recording_id);

-- processes: Rows of several files for one process become one; merge/owners.h sees to it.
SELECT * FROM processes ORDER BY id;

-- cgroups: Rows of several files for one cgroup become one.
SELECT * FROM cgroups ORDER BY id;

-- connections: Those of the recordings.
SELECT *, id + :connections AS id, recording_id + :recordings AS recording_id,
       new_process(process_id) AS process_id, new_cgroup(cgroup_id) AS cgroup_id,
       iif(socket_cgroup_id IS NULL, NULL, new_cgroup(socket_cgroup_id)) AS socket_cgroup_id
FROM connections WHERE is_taken(recording_id) ORDER BY id;

-- listeners: Those of the recordings.
SELECT *, id + :listeners AS id, recording_id + :recordings AS recording_id,
       new_process(process_id) AS process_id, new_cgroup(cgroup_id) AS cgroup_id
FROM listeners WHERE is_taken(recording_id) ORDER BY id;

-- events: Those of each batch, whose ids follow the new order of the batches.
SELECT e.*, e.id + event_shift(b.id) AS id, e.connection_id + :connections AS connection_id
FROM batches b CROSS JOIN events e ON e.id BETWEEN b.first_event_id AND b.last_event_id
WHERE is_taken(b.recording_id)
  AND (:takes_all OR (SELECT is_taken(recording_id) FROM connections WHERE id = e.connection_id));

-- packed_rtt_samples: Those of each batch in the same way.
SELECT s.*, s.id + sample_shift(b.id) AS id, s.connection_id + :connections AS connection_id
FROM batches b CROSS JOIN packed_rtt_samples s
ON s.id BETWEEN b.first_rtt_sample_id AND b.last_rtt_sample_id
WHERE is_taken(b.recording_id)
  AND (:takes_all OR (SELECT is_taken(recording_id) FROM connections WHERE id = s.connection_id));

-- packed_intervals: Those of each batch in the same way.
SELECT i.*, i.id + interval_shift(b.id) AS id, i.connection_id + :connections AS connection_id
FROM batches b CROSS JOIN packed_intervals i
ON i.id BETWEEN b.first_interval_id AND b.last_interval_id
WHERE is_taken(b.recording_id)
  AND (:takes_all OR (SELECT is_taken(recording_id) FROM connections WHERE id = i.connection_id));

-- batches: Those of the recordings, in the order of their times.
SELECT *, new_batch(id) AS id, recording_id + :recordings AS recording_id,
       first_event_id + event_shift(id) AS first_event_id,
       last_event_id + event_shift(id) AS last_event_id,
       first_rtt_sample_id + sample_shift(id) AS first_rtt_sample_id,
       last_rtt_sample_id + sample_shift(id) AS last_rtt_sample_id,
       first_interval_id + interval_shift(id) AS first_interval_id,
       last_interval_id + interval_shift(id) AS last_interval_id,
       first_connection_id + :connections AS first_connection_id,
       last_connection_id + :connections AS last_connection_id
FROM batches WHERE is_taken(recording_id) ORDER BY id;

-- accept_queues: Those of the recordings.
SELECT *, recording_id + :recordings AS recording_id, listener_id + :listeners AS listener_id
FROM accept_queues WHERE is_taken(recording_id);

-- netns_counters: Those of the recordings.
SELECT *, recording_id + :recordings AS recording_id
FROM netns_counters WHERE is_taken(recording_id);

-- long_connections: find_connections.sql makes them anew.
SELECT * FROM long_connections WHERE FALSE;

-- traffic_sums: They do not tell recordings apart, so without some of these they are made anew.
SELECT * FROM traffic_sums WHERE :has_sums;

-- traffic_recent: As traffic_sums.
SELECT *, id + :traffic_recent AS id
FROM traffic_recent WHERE :has_sums ORDER BY id;

-- minutes: As traffic_sums.
SELECT *, id + :minutes AS id FROM minutes WHERE :has_sums ORDER BY id;

-- retention: All; rows with one key are added up.
SELECT * FROM retention;

-- event_kinds: All, which are the same in every file.
SELECT * FROM event_kinds;

-- tcp_states: All, which are the same in every file.
SELECT * FROM tcp_states;

-- errnos: All, which are the same in every file.
SELECT * FROM errnos;
