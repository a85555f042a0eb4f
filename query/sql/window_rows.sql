-- The ids of the events and RTT samples of one file that may lie in the window: those of the
-- batches that overlap it.
REPLACE INTO temp.window_rows
SELECT {number}, min(b.first_event_id), max(b.last_event_id), min(b.first_rtt_sample_id),
       max(b.last_rtt_sample_id)
FROM temp.window w CROSS JOIN {file}batches b
ON b.last_time_us >= w.begin_us AND b.first_time_us < w.end_us;
