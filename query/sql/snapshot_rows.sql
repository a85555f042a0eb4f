-- What of each table goes into a snapshot: a SELECT of whole rows, which keep their ids.

-- recordings: Those that overlap the window.
SELECT * FROM recordings
WHERE id IN (SELECT recording_id FROM recording_spans
             WHERE started_us < :end_us AND until_us >= :begin_us);

-- host_checks: Those of the recordings.
SELECT h.* FROM recording_spans s JOIN host_checks h ON h.recording_id = s.recording_id
WHERE s.started_us < :end_us AND s.until_us >= :begin_us;

-- snapshots: What this file is; of what was cut before, the common part.
SELECT s.recording_id, max(s.started_us, :begin_us) AS begin_us,
       min(coalesce(cut.end_us, s.until_us + 1), :end_us) AS end_us, :made_us AS made_us,
       :is_filtered OR coalesce(cut.is_filtered, 0) AS is_filtered,
       iif(:anonymize_level = 'strict', 'strict', coalesce(cut.anonymize_level, :anonymize_level))
         AS anonymize_level -- what was strict before has no name left to keep
FROM recording_spans s LEFT JOIN snapshots cut ON cut.recording_id = s.recording_id
WHERE s.started_us < :end_us AND s.until_us >= :begin_us;

-- connections: Those alive in the window, as they are: also what happened to them before and after.
SELECT * FROM connections
WHERE id IN (SELECT id FROM chosen_connections
             WHERE opened_us < :end_us AND alive_until_us >= :begin_us);

-- listeners: Those that listened within the window.
SELECT * FROM listeners
WHERE id IN (SELECT id FROM chosen_listeners
             WHERE opened_us < :end_us AND until_us >= :begin_us);

-- events: Those of the window, found through the batches, in their order.
WITH ids AS MATERIALIZED (
  SELECT min(first_event_id) AS first, max(last_event_id) AS last
  FROM batches
  WHERE last_time_us >= :begin_us AND first_time_us < :end_us
)
SELECT * FROM events
WHERE id BETWEEN (SELECT first FROM ids) AND (SELECT last FROM ids)
  AND time_us >= :begin_us AND time_us < :end_us
  AND connection_id IN (SELECT id FROM chosen_connections
                        WHERE opened_us < :end_us AND alive_until_us >= :begin_us)
ORDER BY id;

-- packed_rtt_samples: Those of the window, found in the same way. The view knows their times.
WITH ids AS MATERIALIZED (
  SELECT min(first_rtt_sample_id) AS first, max(last_rtt_sample_id) AS last
  FROM batches
  WHERE last_time_us >= :begin_us AND first_time_us < :end_us
)
SELECT p.* FROM rtt_samples s CROSS JOIN packed_rtt_samples p ON p.id = s.id
WHERE s.id BETWEEN (SELECT first FROM ids) AND (SELECT last FROM ids)
  AND s.time_us >= :begin_us AND s.time_us < :end_us
  AND s.connection_id IN (SELECT id FROM chosen_connections
                          WHERE opened_us < :end_us AND alive_until_us >= :begin_us)
ORDER BY s.id;

-- packed_intervals: Those that overlap the window, each as a whole.
SELECT p.* FROM intervals i CROSS JOIN packed_intervals p ON p.id = i.id
WHERE i.until_us > :begin_us AND i.from_us < :end_us
  AND i.connection_id IN (SELECT id FROM chosen_connections
                          WHERE opened_us < :end_us AND alive_until_us >= :begin_us)
ORDER BY i.id;

-- batches: Those that hold a part of the window, or whose losses may have happened in it: since
-- the commit before. clip_batches.sql then leaves of each what was copied.
SELECT * FROM batches
WHERE id IN (
  SELECT b.id FROM batches b JOIN recording_spans s ON s.recording_id = b.recording_id
  WHERE s.started_us < :end_us AND s.until_us >= :begin_us
    AND (b.last_time_us >= :begin_us AND b.first_time_us < :end_us
      OR b.intervals_until_us > :begin_us AND b.intervals_from_us < :end_us
      OR b.committed_us >= :begin_us
        AND coalesce((SELECT committed_us FROM batches
                      WHERE recording_id = b.recording_id AND id < b.id
                      ORDER BY id DESC LIMIT 1), s.started_us) < :end_us))
ORDER BY id;

-- accept_queues: Those of the window, of the listeners that are copied.
SELECT q.* FROM recording_spans s JOIN accept_queues q
ON q.recording_id = s.recording_id AND q.until_us > :begin_us AND q.from_us < :end_us
WHERE s.started_us < :end_us AND s.until_us >= :begin_us
  AND q.listener_id IN (SELECT id FROM chosen_listeners
                        WHERE opened_us < :end_us AND until_us >= :begin_us);

-- netns_counters: Those of the window. Which connections they concern is not known.
SELECT n.* FROM recording_spans s JOIN netns_counters n
ON n.recording_id = s.recording_id AND n.until_us > :begin_us AND n.from_us < :end_us
WHERE s.started_us < :end_us AND s.until_us >= :begin_us;

-- long_connections: find_connections.sql makes them anew.
SELECT * FROM long_connections WHERE FALSE;

-- traffic_sums: Of a part they are made anew from its connections.
SELECT * FROM traffic_sums WHERE :is_whole;

-- traffic_recent: Of a part they are made anew from its connections.
SELECT * FROM traffic_recent WHERE :is_whole;

-- minutes: Those that overlap the window. They know no peer, so of some connections they are made anew.
SELECT * FROM minutes
WHERE :is_whole OR NOT :is_filtered AND begin_us > :begin_us - 60000000 AND begin_us < :end_us
ORDER BY id;

-- retention: What is deleted before the window begins is not missing in it.
SELECT *, iif(kept_from_us > :begin_us, kept_from_us, NULL) AS kept_from_us,
       iif(kept_from_us > :begin_us, deleted_rows, 0) AS deleted_rows
FROM retention;

-- processes: Those to which a copied row refers, and 0, which stands for nobody.
SELECT * FROM processes WHERE id = 0 OR is_owner_process(id);

-- cgroups: Those to which a copied row refers, and 0, which stands for none.
SELECT * FROM cgroups WHERE id = 0 OR is_owner_cgroup(id);

-- event_kinds: All.
SELECT * FROM event_kinds;

-- tcp_states: All.
SELECT * FROM tcp_states;

-- errnos: All.
SELECT * FROM errnos;
