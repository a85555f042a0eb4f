-- A line for each commit and cause of loss, and between which times it happened.
SELECT coalesce((SELECT committed_us FROM {file}batches
                 WHERE recording_id = l.recording_id AND id < l.batch_id
                 ORDER BY id DESC LIMIT 1), s.started_us) AS from_us,
       l.committed_us AS to_us, l.lost, l.cause,
       c.what, c.why, c.place, raised(l.batch_id) AS batch_id,
       raised(l.recording_id) AS recording_id, s.hostname
FROM {file}loss_log l
JOIN temp.recording_spans s ON s.recording_id = raised(l.recording_id)
LEFT JOIN temp.loss_causes c ON c.cause = l.cause
