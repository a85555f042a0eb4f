-- info: what is this file, and what does it cover?
--
-- One row for each file. The report recordings shows the single runs of the recorder.
--
-- alias file
--
-- column path: text as file
-- column file_bytes: bytes as size
-- column schema_version: plain as schema
-- column form: text; strict, or plain: as snapshot --plain writes it, for programs with an SQLite before 3.37
-- column anonymized: text; no, or at which level: strict, or names
-- column hosts: text; that were recorded
-- column recordings: count; runs of the recorder
-- column running: count; recordings that run now
-- column first_us: time as from; first moment recorded
-- column last_us: time as until; last moment recorded
-- column recorded_us: duration; less than until - from if there are gaps
-- column connections: count; and attempts
-- column listeners: count
-- column events: count
-- column rtt_samples: count; stored
-- column lost: count; events, samples, callbacks and records; see the report losses
-- column sees_less_of: text as sees less of; parts of the host that some recorder could see less of; see the report host-checks
-- column connections_from_us: time as connections from; all that ended from then on are there; -: nothing was deleted
-- column events_from_us: time as events from; all events from then on are there
-- column rtt_samples_from_us: time as samples from; all samples from then on are there
-- column intervals_from_us: time as intervals from; all intervals from then on are there
-- column traffic_from_us: time as traffic from; the sums, which outlive connections, are of all traffic from then on
-- column minutes_from_us: time as minutes from; the sums of minutes, which outlive all else, are of all that happened from then on
-- column ctrack_versions: hidden; of the recorders
-- layout record
WITH runs AS MATERIALIZED ( -- so that what follows is worked out once for all files
  SELECT * FROM recordings
), listening AS MATERIALIZED (
  SELECT recording_id, count(*) AS listeners FROM listeners GROUP BY recording_id
)
SELECT f.path, f.file_bytes, f.schema_version, f.form,
       group_concat(DISTINCT coalesce(cut.anonymize_level, 'no')) AS anonymized,
       group_concat(DISTINCT r.hostname) AS hosts,
       count(r.id) AS recordings,
       count(*) FILTER (WHERE s.end_kind = 'running') AS running,
       min(s.started_us) AS first_us, max(s.until_us) AS last_us,
       sum(s.until_us - s.started_us) AS recorded_us,
       coalesce(sum(n.connections), 0) AS connections,
       coalesce(sum(l.listeners), 0) AS listeners,
       coalesce(sum(n.events), 0) AS events,
       coalesce(sum(n.rtt_samples), 0) AS rtt_samples,
       coalesce(sum(n.lost), 0) AS lost,
       (SELECT group_concat(part, ', ')
        FROM (SELECT DISTINCT h.part FROM host_checks h
              JOIN recording_spans o ON o.recording_id = h.recording_id
              WHERE o.file_number = f.file_number AND h.state = 'less'
              ORDER BY h.part)) AS sees_less_of,
       (SELECT kept_from_us FROM kept WHERE kind = 'connections') AS connections_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'events') AS events_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'rtt_samples') AS rtt_samples_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'intervals') AS intervals_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'traffic') AS traffic_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'minutes') AS minutes_from_us,
       group_concat(DISTINCT r.ctrack_version) AS ctrack_versions
FROM files f
LEFT JOIN recording_spans s ON s.file_number = f.file_number
LEFT JOIN runs r ON r.id = s.recording_id
LEFT JOIN snapshots cut ON cut.recording_id = r.id
LEFT JOIN listening l ON l.recording_id = r.id
LEFT JOIN recording_counts n ON n.recording_id = r.id
GROUP BY f.file_number
ORDER BY f.file_number;
