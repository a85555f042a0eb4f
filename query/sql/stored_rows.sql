-- How many events and RTT samples each batch holds: of all rows the view stored_rows, and of those
-- of the window that the filter takes the view chosen_row_counts. They are counted where the ids do
-- not tell: at the ends of the window, with a filter, and in a recording that was cut, where some
-- ids have no row.
SELECT raised(b.recording_id) AS recording_id,
       CASE WHEN b.first_event_id IS NULL THEN 0
            WHEN {is_all} AND b.first_time_us >= w.begin_us AND b.last_time_us < w.end_us
                 AND b.recording_id NOT IN (SELECT recording_id FROM {file}snapshots)
            THEN b.last_event_id - b.first_event_id + 1
            ELSE (SELECT count(*) FROM {file}events r
                  WHERE r.id BETWEEN b.first_event_id AND b.last_event_id
                    AND r.time_us >= w.begin_us AND r.time_us < w.end_us
                    AND {is_taken}) END AS events,
       CASE WHEN b.first_rtt_sample_id IS NULL THEN 0
            WHEN {is_all} AND b.first_time_us >= w.begin_us AND b.last_time_us < w.end_us
                 AND b.recording_id NOT IN (SELECT recording_id FROM {file}snapshots)
            THEN b.last_rtt_sample_id - b.first_rtt_sample_id + 1
            ELSE (SELECT count(*) FROM {file}rtt_samples r
                  WHERE r.id BETWEEN b.first_rtt_sample_id AND b.last_rtt_sample_id
                    AND r.time_us >= w.begin_us AND r.time_us < w.end_us
                    AND {is_taken}) END AS rtt_samples
FROM {window} w
CROSS JOIN {file}batches b ON {is_in_window}
