-- The RTT samples of the batches that overlap the window. id_in_file is the
-- id without what was added to tell it from those of other files (file_number).
SELECT raised(r.id) AS id, raised(r.connection_id) AS connection_id, r.time_us, r.rtt_us,
       r.srtt_us, r.state, {number} AS file_number, r.id AS id_in_file
FROM temp.window w -- it stands first: SQLite may put what stands first before CROSS JOIN
CROSS JOIN {file}rtt_samples r
WHERE r.id BETWEEN (SELECT min(b.first_rtt_sample_id) FROM temp.window w CROSS JOIN {file}batches b
                    ON b.last_time_us >= w.begin_us AND b.first_time_us < w.end_us)
               AND (SELECT max(b.last_rtt_sample_id) FROM temp.window w CROSS JOIN {file}batches b
                    ON b.last_time_us >= w.begin_us AND b.first_time_us < w.end_us)
