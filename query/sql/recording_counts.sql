-- What each recording holds. The connections are counted in one pass, because GROUP BY would sort
-- them, and LIMIT -1 sees to it that no other column of them is worked out.
WITH connected AS MATERIALIZED (
  SELECT distribution(recording_id) AS recordings
  FROM (SELECT recording_id FROM connections LIMIT -1)
), stored AS MATERIALIZED (
  SELECT recording_id, sum(events) AS events, sum(rtt_samples) AS rtt_samples
  FROM stored_rows GROUP BY recording_id
), lost AS MATERIALIZED (
  SELECT recording_id, sum(lost) AS lost FROM loss_log GROUP BY recording_id
)
SELECT s.recording_id,
       (SELECT count_of(recordings, s.recording_id, s.recording_id) FROM connected) AS connections,
       coalesce(stored.events, 0) AS events, coalesce(stored.rtt_samples, 0) AS rtt_samples,
       coalesce(lost.lost, 0) AS lost
FROM temp.recording_spans s
LEFT JOIN stored ON stored.recording_id = s.recording_id
LEFT JOIN lost ON lost.recording_id = s.recording_id
