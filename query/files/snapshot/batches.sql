-- Those that hold a part of the window, or whose losses may have happened in it: since
-- the commit before. clip_batches.sql then leaves of each what was copied.
SELECT * FROM batches
WHERE id IN (
  SELECT b.id FROM batches b JOIN recording_spans s ON s.recording_id = b.recording_id
  WHERE s.started_us < :end_us AND s.until_us >= :begin_us
    AND (b.last_time_us >= :begin_us AND b.first_time_us < :end_us
      OR b.committed_us >= :begin_us
        AND coalesce((SELECT committed_us FROM batches
                      WHERE recording_id = b.recording_id AND id < b.id
                      ORDER BY id DESC LIMIT 1), s.started_us) < :end_us))
ORDER BY id;
