-- summary: what is in the window, on one screen?
--
-- One row. Closed, failed and lost are those that ended in the window; bytes and
-- round trips are those of the connections alive in it, over their whole life;
-- rtt_avg_us weighs each connection by its samples. Without -b and -e all that was ever
-- recorded counts, also of connections that are no longer in the file, and one that went
-- on while the recorder was started anew counts once.
--
-- column recordings: count; runs of the recorder that overlap the window
-- column first_us: time as from; first moment recorded in the window
-- column last_us: time as until; last moment recorded in the window
-- column recorded_us: duration; less than until - from if there are gaps
-- column connections: count; connections and attempts alive in the window
-- column opened: count; opened in the window
-- column open: count as open at the end; at the end of the window
-- column closed: count; in order
-- column refused: count
-- column timeout: count
-- column unreachable: count
-- column aborted: count; given up by this end
-- column reset: count; cut off by either end
-- column lost: count as end not seen; no failure: the recorder did not see the end
-- column bytes_sent: bytes as sent
-- column bytes_received: bytes as received
-- column retrans_segs: count as retransmitted; segments
-- column rtt_min_us: duration
-- column rtt_avg_us: duration
-- column rtt_max_us: duration
-- column rtt_samples: count; taken by the kernel
-- column rtt_samples_stored: count as stored rtt samples; in the window
-- column events: count as stored events; in the window
-- column lost_events: count; the report losses says when and why
-- column lost_rtt_samples: count
-- column lost_callbacks: count; calls of the kernel about a socket
-- column lost_records: count; of either kind, by the recorder
-- layout record
-- moment
WITH held AS NOT MATERIALIZED (
  -- commits of the window; is_known: their ids say how many rows there are
  SELECT id, first_event_id, last_event_id, first_rtt_sample_id, last_rtt_sample_id,
         /*several 0 AND*/ is_whole AS is_whole,
         /*several min(*/ is_whole AND NOT :is_filtered
           AND recording_id NOT IN (SELECT recording_id FROM snapshots) /*several ) OVER ()*/ AS is_known
  FROM (SELECT *, first_time_us >= :begin_us AND last_time_us < :end_us AS is_whole
        FROM batches
        WHERE last_time_us >= :begin_us AND first_time_us < :end_us)
), known AS MATERIALIZED (
  SELECT coalesce(sum(last_event_id - first_event_id + 1), 0) AS events,
         coalesce(sum(last_rtt_sample_id - first_rtt_sample_id + 1), 0) AS rtt_samples,
         (SELECT count(*) FROM batches
          WHERE last_time_us >= :begin_us AND first_time_us < :end_us) - count(*) AS others
  FROM held WHERE is_known
), unknown AS MATERIALIZED ( -- in these they are counted; of several files in all at once
  SELECT min(first_event_id) AS first_event_id, max(last_event_id) AS last_event_id,
         min(first_rtt_sample_id) AS first_rtt_sample_id,
         max(last_rtt_sample_id) AS last_rtt_sample_id, is_whole
  FROM held WHERE NOT is_known
  GROUP BY /*several 0 **/ id
), stored AS (
  SELECT events + iif(others = 0, 0, (
           SELECT count(*) FROM unknown u CROSS JOIN events_about_window e
           ON e.id BETWEEN u.first_event_id AND u.last_event_id
           WHERE is_whole OR time_us >= :begin_us AND time_us < :end_us)) AS events,
         rtt_samples + iif(others = 0, 0, (
           SELECT count(*) FROM unknown u CROSS JOIN rtt_samples_about_window s
           ON s.id BETWEEN u.first_rtt_sample_id AND u.last_rtt_sample_id
           WHERE is_whole OR time_us >= :begin_us AND time_us < :end_us)) AS rtt_samples
  FROM known
), spans AS (
  SELECT count(*) AS recordings,
         min(max(started_us, :begin_us)) AS first_us,
         max(min(until_us, :end_us)) AS last_us,
         sum(min(until_us, :end_us) - max(started_us, :begin_us)) AS recorded_us
  FROM recording_spans
  WHERE started_us < :end_us AND until_us >= :begin_us
), done AS (
  SELECT connections, opened, closed, refused, timeout, unreachable, aborted, reset, lost,
         bytes_sent, bytes_received, retrans_segs, rtt_min_us, rtt_sum_us, rtt_max_us, rtt_samples
  FROM traffic
  WHERE :roll_up
  UNION ALL
  SELECT 1, start_kind = 'seen' AND opened_us >= :begin_us,
         ended AND outcome = 'closed', ended AND outcome = 'refused', ended AND outcome = 'timeout',
         ended AND outcome = 'unreachable', ended AND outcome = 'aborted',
         ended AND outcome = 'reset', ended AND outcome = 'lost',
         bytes_sent, bytes_received, retrans_segs, rtt_min_us, rtt_sum_us,
         rtt_max_us, rtt_samples
  FROM (SELECT *, alive_until_us < :end_us AS ended FROM connections_about_window)
  WHERE NOT :roll_up AND opened_us < :end_us AND alive_until_us >= :begin_us
), alive AS (
  SELECT coalesce(sum(connections), 0) AS connections, coalesce(sum(opened), 0) AS opened,
         (SELECT count(*) FROM connections_about_end
          WHERE opened_us < :end_us AND open_until_us >= :end_us) AS open,
         coalesce(sum(closed), 0) AS closed, coalesce(sum(refused), 0) AS refused,
         coalesce(sum(timeout), 0) AS timeout, coalesce(sum(unreachable), 0) AS unreachable,
         coalesce(sum(aborted), 0) AS aborted, coalesce(sum(reset), 0) AS reset,
         coalesce(sum(lost), 0) AS lost,
         sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received,
         sum(retrans_segs) AS retrans_segs,
         min(rtt_min_us) AS rtt_min_us,
         sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us,
         max(rtt_max_us) AS rtt_max_us,
         sum(rtt_samples) AS rtt_samples
  FROM done
), losses_of_window AS (
  SELECT coalesce(sum(lost) FILTER (WHERE what = 'event'), 0) AS events,
         coalesce(sum(lost) FILTER (WHERE what = 'RTT sample'), 0) AS samples,
         coalesce(sum(lost) FILTER (WHERE what = 'kernel callback'), 0) AS callbacks,
         coalesce(sum(lost) FILTER (WHERE what = 'record'), 0) AS records
  FROM losses
  WHERE to_us >= :begin_us AND from_us < :end_us
)
SELECT s.*, a.*, stored.rtt_samples AS rtt_samples_stored, stored.events AS events,
       l.events AS lost_events,
       l.samples AS lost_rtt_samples,
       l.callbacks AS lost_callbacks,
       l.records AS lost_records
FROM spans s, alive a, stored, losses_of_window l;
