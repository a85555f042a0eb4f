-- recordings: when did the recorder run, how did each run end, and what did it record?
--
-- One row for each recording, a run of the recorder, that overlaps the window, the newest
-- first; with what the whole recording holds.
--
-- alias runs
--
-- column recording_id: plain as RECORDING
-- column hostname: text as HOST
-- column kernel: text
-- column started_us: second
-- column until_us: second; last moment recorded; of a running recording: now; of a silent one: its last commit
-- column end_kind: text as END; running, stopped, crashed, or silent: it has no end, but nobody writes it
-- column recorded_us: duration; from started to until
-- column connections: count as CONNS
-- column events: count
-- column rtt_samples: count as SAMPLES; stored
-- column lost: count; events, samples, callbacks and records; see the report losses
-- column path: hidden; the file it is in
-- column host_id: hidden
-- column boot_id: hidden
-- column ctrack_version: hidden
-- column cgroup_path: hidden
-- column rtt_source: hidden
-- column rtt_mode: hidden
-- column adoption: hidden; how connections older than the recording are seen
-- column connect_errors: hidden; how a connect() that fails before TCP is seen
-- column sees_less_of: hidden; parts of the host that its recorder could see less of; see the report host-checks
-- column options: hidden
-- column is_cut: hidden; 1: a snapshot, which holds only this part of the recording
-- column is_filtered: hidden; 1: and only some of its connections
-- column anonymize_level: hidden; strict: no address or name is the real one; names: those of widely known programs are
-- narrow events, rtt_samples, kernel, connections, recorded_us
WITH runs AS MATERIALIZED ( -- so that what follows is worked out once for all files
  SELECT * FROM recordings
)
SELECT r.id AS recording_id, r.hostname, r.kernel, s.started_us, s.until_us, s.end_kind,
       s.until_us - s.started_us AS recorded_us,
       n.connections, n.events, n.rtt_samples, n.lost,
       f.path, r.host_id, r.boot_id, r.ctrack_version, r.cgroup_path, r.rtt_source, r.rtt_mode,
       r.adoption, r.connect_errors,
       (SELECT group_concat(part, ', ') FROM (SELECT part FROM host_checks
                                              WHERE recording_id = r.id AND state = 'less'
                                              ORDER BY part)) AS sees_less_of,
       r.options,
       cut.recording_id IS NOT NULL AS is_cut, cut.is_filtered, cut.anonymize_level
FROM runs r
JOIN recording_spans s ON s.recording_id = r.id
LEFT JOIN snapshots cut ON cut.recording_id = r.id
JOIN files f ON f.file_number = s.file_number
JOIN recording_counts n ON n.recording_id = r.id
WHERE s.started_us < :end_us AND s.until_us >= :begin_us
ORDER BY s.started_us DESC, r.id DESC
LIMIT :limit;
