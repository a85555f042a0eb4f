-- How many rows each file holds, by their ids, which have few gaps.
SELECT coalesce((SELECT max(id) FROM {file}packed_rtt_samples)
                - (SELECT min(id) FROM {file}packed_rtt_samples) + 1, 0) AS samples,
       coalesce((SELECT max(id) FROM {file}connections)
                - (SELECT min(id) FROM {file}connections) + 1, 0) AS connections,
       EXISTS (SELECT * FROM {file}minutes) AS has_minutes
