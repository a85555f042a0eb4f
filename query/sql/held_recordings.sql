-- Each recording, what tells it from others, and the time of which this file holds all.
SELECT r.host_id, r.boot_id, r.started_us, r.id,
       max(s.started_us, coalesce((SELECT max(kept_from_us) FROM retention
                                   WHERE kept_from_us <= s.until_us), 0)) AS begin_us,
       iif(r.end_kind = 'running',
           max(s.started_us, r.heartbeat_us,
               coalesce((SELECT max(committed_us) FROM batches WHERE recording_id = r.id), 0)),
           s.until_us) AS end_us,
       coalesce(cut.is_filtered, 0) AS is_filtered, r.hostname
FROM recordings r
JOIN recording_spans s ON s.recording_id = r.id
LEFT JOIN snapshots cut ON cut.recording_id = r.id
ORDER BY r.id;
