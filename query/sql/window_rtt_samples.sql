-- The RTT samples that may lie in the window. id_in_file is the
-- id without what was added to tell it from those of other files (file_number).
SELECT raised(r.id) AS id, raised(r.connection_id) AS connection_id, r.time_us, r.rtt_us,
       r.srtt_us, r.state, {number} AS file_number, r.id AS id_in_file
FROM temp.window w -- it stands first: SQLite may put what stands first before CROSS JOIN
CROSS JOIN {file}rtt_samples r
WHERE r.id BETWEEN (SELECT first_rtt_sample_id FROM temp.window_rows WHERE file_number = {number})
               AND (SELECT last_rtt_sample_id FROM temp.window_rows WHERE file_number = {number})
