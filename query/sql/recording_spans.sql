-- The time that each recording covers. While a recording runs, that is until now. One that was
-- killed is known until its last commit. Of one that was cut, only the window is covered.
SELECT raised(r.id) AS recording_id, r.hostname, {number} AS file_number,
       max(r.started_us, coalesce(cut.begin_us, r.started_us)) AS started_us,
       min(CASE r.end_kind
             WHEN 'running' THEN CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)
             ELSE coalesce(r.ended_us,
                           (SELECT committed_us FROM {file}batches
                            WHERE recording_id = r.id ORDER BY id DESC LIMIT 1),
                           r.started_us)
           END,
           coalesce(cut.end_us, 9223372036854775807)) AS until_us
FROM {file}recordings r LEFT JOIN {file}snapshots cut ON cut.recording_id = r.id
