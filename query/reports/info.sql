-- info: what is this file, and what does it cover?
--
-- One row for each recording, a run of the recorder. Below the table: the file, and from
-- when on all is there, if something was deleted to keep it within --max-size or --max-age.
--
-- column recording_id: plain as ID
-- column hostname: text as HOST
-- column kernel: text
-- column started_us: time
-- column until_us: time; last moment recorded; of a running recording: now
-- column end_kind: text as END; running, stopped or crashed
-- column recorded_us: duration as TIME; from started to until
-- column connections: count as CONNS
-- column events: count
-- column rtt_samples: count as SAMPLES; stored
-- column lost: count; events, samples, callbacks and records; see the report losses
-- column path: hidden
-- column file_bytes: hidden
-- column schema_version: hidden
-- column connections_from_us: hidden; all that ended from then on are there; null: nothing was deleted
-- column events_from_us: hidden; likewise
-- column rtt_samples_from_us: hidden; likewise
-- column traffic_from_us: hidden; likewise, of the sums that outlive connections
-- column host_id: hidden
-- column boot_id: hidden
-- column ctrack_version: hidden
-- column cgroup_path: hidden
-- column rtt_source: hidden
-- column rtt_mode: hidden
-- column adoption: hidden; how connections older than the recording are seen
-- column connect_errors: hidden; how a connect() that fails before TCP is seen
-- column options: hidden
WITH stored AS MATERIALIZED (
  SELECT recording_id,
         sum(last_event_id - first_event_id + 1) AS events,
         sum(last_rtt_sample_id - first_rtt_sample_id + 1) AS rtt_samples
  FROM batches GROUP BY recording_id
), lost AS MATERIALIZED (
  SELECT recording_id, sum(lost) AS lost FROM loss_log GROUP BY recording_id
), counted AS MATERIALIZED (
  SELECT recording_id, count(*) AS connections FROM connections GROUP BY recording_id
)
SELECT r.id AS recording_id, r.hostname, r.kernel, r.started_us, s.until_us, r.end_kind,
       s.until_us - r.started_us AS recorded_us,
       coalesce(counted.connections, 0) AS connections,
       coalesce(stored.events, 0) AS events,
       coalesce(stored.rtt_samples, 0) AS rtt_samples,
       coalesce(lost.lost, 0) AS lost,
       (SELECT file FROM pragma_database_list WHERE name = 'main') AS path,
       (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size) AS file_bytes,
       (SELECT user_version FROM pragma_user_version) AS schema_version,
       (SELECT kept_from_us FROM kept WHERE kind = 'connections') AS connections_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'events') AS events_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'rtt_samples') AS rtt_samples_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'traffic') AS traffic_from_us,
       r.host_id, r.boot_id, r.ctrack_version, r.cgroup_path, r.rtt_source, r.rtt_mode,
       r.adoption, r.connect_errors, r.options
FROM recordings r
JOIN recording_spans s ON s.recording_id = r.id
LEFT JOIN stored ON stored.recording_id = r.id
LEFT JOIN lost ON lost.recording_id = r.id
LEFT JOIN counted ON counted.recording_id = r.id
ORDER BY r.id;
-- footer
-- column path: text as file
-- column file_bytes: bytes as size
-- column schema_version: plain as schema
-- column connections_from_us: time as connections from
-- column events_from_us: time as events from
-- column rtt_samples_from_us: time as samples from
-- column traffic_from_us: time as traffic from
SELECT (SELECT file FROM pragma_database_list WHERE name = 'main') AS path,
       (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size) AS file_bytes,
       (SELECT user_version FROM pragma_user_version) AS schema_version,
       (SELECT kept_from_us FROM kept WHERE kind = 'connections') AS connections_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'events') AS events_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'rtt_samples') AS rtt_samples_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'traffic') AS traffic_from_us;
