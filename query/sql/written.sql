-- How many rows of what users look for are in the file.
SELECT (SELECT count(*) FROM connections) AS connections,
       (SELECT count(*) FROM events) AS events,
       (SELECT count(*) FROM packed_rtt_samples) AS rtt_samples,
       (SELECT count(*) FROM listeners) AS listeners,
       (SELECT file_bytes FROM files) AS file_bytes;
