-- How many events, samples and intervals merge takes of a file, if each of them is in a batch.
SELECT (SELECT count(*) FROM events e
        WHERE :takes_all
           OR (SELECT is_taken(recording_id) FROM connections WHERE id = e.connection_id))
     + (SELECT count(*) FROM packed_rtt_samples s
        WHERE :takes_all
           OR (SELECT is_taken(recording_id) FROM connections WHERE id = s.connection_id))
     + (SELECT count(*) FROM packed_intervals i
        WHERE :takes_all
           OR (SELECT is_taken(recording_id) FROM connections WHERE id = i.connection_id));
