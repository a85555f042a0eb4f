-- Those that overlap the window.
SELECT * FROM recordings
WHERE id IN (SELECT recording_id FROM recording_spans
             WHERE started_us < :end_us AND until_us >= :begin_us);
