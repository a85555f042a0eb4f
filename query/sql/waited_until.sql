-- Until when the wait of a connection of connection_facts is known. Rows of connections that have
-- changed are written about each ten seconds, and intervals more often. So those of the last half
-- minute tell which connections have moved something since. SQLite looks for them once, and only if
-- some connection waits.
CASE WHEN c.waits_for IS NOT NULL
       AND c.id IN (SELECT p.connection_id
                    FROM temp.recording_spans l
                    CROSS JOIN {file}batches b
                    ON b.intervals_until_us > l.until_us - 30000000
                       AND b.intervals_until_us <= l.until_us
                       AND raised(b.recording_id) = l.recording_id
                       AND b.first_interval_id IS NOT NULL
                    CROSS JOIN {file}packed_intervals p
                    ON p.id BETWEEN b.first_interval_id AND b.last_interval_id
                    CROSS JOIN {file}connections m
                    ON m.id = p.connection_id AND m.counters_us < b.intervals_until_us
                    WHERE l.file_number = {number})
     THEN c.counters_us ELSE s.until_us END
