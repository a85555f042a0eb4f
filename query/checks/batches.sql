-- batches: each event, sample and interval is in the range of one commit, with its time
WITH cuts AS MATERIALIZED ( -- where a part was cut out there are ids without a row
  SELECT recording_id FROM snapshots
), held AS MATERIALIZED (
  SELECT b.*, b.recording_id IN cuts AS is_cut,
         max(last_event_id) OVER before AS event_id_before,
         max(last_rtt_sample_id) OVER before AS sample_id_before,
         max(last_interval_id) OVER before AS interval_id_before,
         (SELECT count(*) FROM packed_intervals
          WHERE id BETWEEN first_interval_id AND last_interval_id) AS intervals,
         (SELECT count(*) FROM events
          WHERE id BETWEEN first_event_id AND last_event_id) AS events,
         (SELECT count(*) FROM rtt_samples
          WHERE id BETWEEN first_rtt_sample_id AND last_rtt_sample_id) AS samples,
         (SELECT count(*) FROM events
          WHERE id BETWEEN first_event_id AND last_event_id
            AND time_us NOT BETWEEN first_time_us AND last_time_us)
         + (SELECT count(*) FROM rtt_samples
            WHERE id BETWEEN first_rtt_sample_id AND last_rtt_sample_id
              AND time_us NOT BETWEEN first_time_us AND last_time_us) AS outside
  FROM batches b
  WINDOW before AS (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT 'wrong' AS status, format('batch %d: of events %d to %d there are %d', id,
       first_event_id, last_event_id, events) AS finding, first_time_us AS begin_us, last_time_us AS end_us
FROM held WHERE NOT is_cut AND events <> last_event_id - first_event_id + 1
UNION ALL
SELECT 'wrong', format('batch %d: of RTT samples %d to %d there are %d', id, first_rtt_sample_id,
       last_rtt_sample_id, samples), first_time_us, last_time_us
FROM held WHERE NOT is_cut AND samples <> last_rtt_sample_id - first_rtt_sample_id + 1
UNION ALL
SELECT 'wrong', format('batch %d: of intervals %d to %d there are %d', id, first_interval_id,
       last_interval_id, intervals), first_time_us, last_time_us
FROM held WHERE NOT is_cut AND intervals <> last_interval_id - first_interval_id + 1
UNION ALL
SELECT 'wrong', format('batch %d: its intervals end before they begin, or are not of its time', id),
       first_time_us, last_time_us
FROM held
WHERE first_interval_id IS NOT NULL
  AND (intervals_from_us < first_time_us OR intervals_until_us <= intervals_from_us
       OR intervals_until_us > last_time_us) IS NOT FALSE
UNION ALL
SELECT 'wrong', format('batch %d: %d of its rows are not of its time', id, outside),
       first_time_us, last_time_us
FROM held WHERE outside > 0
UNION ALL
SELECT 'wrong', format('batch %d: its ids begin before the batch before it ends', id),
       first_time_us, last_time_us
FROM held WHERE first_event_id <= event_id_before OR first_rtt_sample_id <= sample_id_before
   OR first_interval_id <= interval_id_before
UNION ALL
SELECT 'wrong', format('%d events are in no batch', n), NULL, NULL
FROM (SELECT (SELECT count(*) FROM events) - (SELECT coalesce(sum(events), 0) FROM held) AS n)
WHERE n > 0
UNION ALL
SELECT 'wrong', format('%d RTT samples are in no batch', n), NULL, NULL
FROM (SELECT (SELECT count(*) FROM rtt_samples) - (SELECT coalesce(sum(samples), 0) FROM held) AS n)
WHERE n > 0
UNION ALL
SELECT 'wrong', format('%d intervals are in no batch', n), NULL, NULL
FROM (SELECT (SELECT count(*) FROM packed_intervals) - (SELECT coalesce(sum(intervals), 0) FROM held) AS n)
WHERE n > 0;
