-- info: what is this file, and what does it cover?
--
-- One row. The report recordings shows the single runs of the recorder.
--
-- alias file
--
-- column path: text as file
-- column file_bytes: bytes as size
-- column schema_version: plain as schema
-- column hosts: text; that were recorded
-- column recordings: count; runs of the recorder
-- column running: count; of these, how many have not ended
-- column first_us: time as from; first moment recorded
-- column last_us: time as until; last moment recorded
-- column recorded_us: duration; less than until - from if there are gaps
-- column connections: count; and attempts
-- column listeners: count
-- column events: count
-- column rtt_samples: count; stored
-- column lost: count; events, samples, callbacks and records; see the report losses
-- column connections_from_us: time as connections from; all that ended from then on are there; -: nothing was deleted
-- column events_from_us: time as events from; likewise
-- column rtt_samples_from_us: time as samples from; likewise
-- column ctrack_versions: hidden; of the recorders
-- layout record
SELECT (SELECT file FROM pragma_database_list WHERE name = 'main') AS path,
       (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size) AS file_bytes,
       (SELECT user_version FROM pragma_user_version) AS schema_version,
       (SELECT group_concat(DISTINCT hostname) FROM recordings) AS hosts,
       (SELECT count(*) FROM recordings) AS recordings,
       (SELECT count(*) FROM recordings WHERE end_kind = 'running') AS running,
       (SELECT min(started_us) FROM recording_spans) AS first_us,
       (SELECT max(until_us) FROM recording_spans) AS last_us,
       (SELECT sum(until_us - started_us) FROM recording_spans) AS recorded_us,
       (SELECT count(*) FROM connections) AS connections,
       (SELECT count(*) FROM listeners) AS listeners,
       (SELECT coalesce(sum(last_event_id - first_event_id + 1), 0) FROM batches) AS events,
       (SELECT coalesce(sum(last_rtt_sample_id - first_rtt_sample_id + 1), 0) FROM batches)
         AS rtt_samples,
       (SELECT coalesce(sum(lost), 0) FROM loss_log) AS lost,
       (SELECT kept_from_us FROM kept WHERE kind = 'connections') AS connections_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'events') AS events_from_us,
       (SELECT kept_from_us FROM kept WHERE kind = 'rtt_samples') AS rtt_samples_from_us,
       (SELECT group_concat(DISTINCT ctrack_version) FROM recordings) AS ctrack_versions;
