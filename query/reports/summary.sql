-- summary: what is in the window, on one screen?
--
-- One row. Closed, failed and lost are those that ended in the window; bytes and
-- round trips are those of the connections alive in it, over their whole life;
-- rtt_avg_us weighs each connection by its samples.
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
WITH ids AS MATERIALIZED (
  SELECT min(first_event_id) AS first_event, max(last_event_id) AS last_event,
         min(first_rtt_sample_id) AS first_sample, max(last_rtt_sample_id) AS last_sample
  FROM batches
  WHERE last_time_us >= :begin_us AND first_time_us < :end_us
), spans AS (
  SELECT count(*) AS recordings,
         min(max(started_us, :begin_us)) AS first_us,
         max(min(until_us, :end_us)) AS last_us,
         sum(min(until_us, :end_us) - max(started_us, :begin_us)) AS recorded_us
  FROM recording_spans
  WHERE started_us < :end_us AND until_us >= :begin_us
), alive AS (
  SELECT count(*) AS connections,
         count(*) FILTER (WHERE start_kind = 'seen' AND opened_us >= :begin_us) AS opened,
         count(*) FILTER (WHERE open_until_us >= :end_us) AS open,
         count(*) FILTER (WHERE ended AND outcome = 'closed') AS closed,
         count(*) FILTER (WHERE ended AND outcome = 'refused') AS refused,
         count(*) FILTER (WHERE ended AND outcome = 'timeout') AS timeout,
         count(*) FILTER (WHERE ended AND outcome = 'unreachable') AS unreachable,
         count(*) FILTER (WHERE ended AND outcome = 'aborted') AS aborted,
         count(*) FILTER (WHERE ended AND outcome = 'reset') AS reset,
         count(*) FILTER (WHERE ended AND outcome = 'lost') AS lost,
         sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received,
         sum(retrans_segs) AS retrans_segs,
         min(rtt_min_us) AS rtt_min_us,
         sum(rtt_avg_us * rtt_samples) / sum(rtt_samples) AS rtt_avg_us,
         max(rtt_max_us) AS rtt_max_us,
         sum(rtt_samples) AS rtt_samples
  FROM (SELECT *, alive_until_us < :end_us AS ended FROM chosen_connections)
  WHERE opened_us < :end_us AND alive_until_us >= :begin_us
), losses_of_window AS (
  SELECT coalesce(sum(lost) FILTER (WHERE what = 'event'), 0) AS events,
         coalesce(sum(lost) FILTER (WHERE what = 'RTT sample'), 0) AS samples,
         coalesce(sum(lost) FILTER (WHERE what = 'kernel callback'), 0) AS callbacks,
         coalesce(sum(lost) FILTER (WHERE what = 'record'), 0) AS records
  FROM losses
  WHERE to_us >= :begin_us AND from_us < :end_us
)
SELECT s.*, a.*,
       (SELECT count(*) FROM chosen_rtt_samples
        WHERE id BETWEEN (SELECT first_sample FROM ids) AND (SELECT last_sample FROM ids)
          AND time_us >= :begin_us AND time_us < :end_us) AS rtt_samples_stored,
       (SELECT count(*) FROM chosen_events
        WHERE id BETWEEN (SELECT first_event FROM ids) AND (SELECT last_event FROM ids)
          AND time_us >= :begin_us AND time_us < :end_us) AS events,
       l.events AS lost_events,
       l.samples AS lost_rtt_samples,
       l.callbacks AS lost_callbacks,
       l.records AS lost_records
FROM spans s, alive a, losses_of_window l;
