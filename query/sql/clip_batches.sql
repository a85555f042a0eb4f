-- Run in a new file when its rows are there: a batch keeps the ids and times of what of
-- it was copied.
UPDATE batches SET
  (first_event_id, last_event_id) =
    (SELECT min(id), max(id) FROM events WHERE id BETWEEN first_event_id AND last_event_id),
  (first_rtt_sample_id, last_rtt_sample_id) =
    (SELECT min(id), max(id) FROM rtt_samples
     WHERE id BETWEEN first_rtt_sample_id AND last_rtt_sample_id),
  (first_interval_id, last_interval_id) =
    (SELECT min(id), max(id) FROM packed_intervals
     WHERE id BETWEEN first_interval_id AND last_interval_id);
UPDATE batches SET intervals_from_us = NULL, intervals_until_us = NULL
WHERE first_interval_id IS NULL;
UPDATE batches SET
  (first_time_us, last_time_us) =
    (SELECT min(time_us), max(time_us)
     FROM (SELECT time_us FROM events WHERE id BETWEEN first_event_id AND last_event_id
           UNION ALL
           SELECT time_us FROM rtt_samples
           WHERE id BETWEEN first_rtt_sample_id AND last_rtt_sample_id
           UNION ALL
           SELECT intervals_from_us
           UNION ALL
           SELECT intervals_until_us));
