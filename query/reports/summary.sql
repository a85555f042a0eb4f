-- summary: what is in the window, on one screen?
--
-- One row. Connections are the sum of those that are open at the end of the window, those
-- that ended in it, by how they ended, and those whose end was not seen. With a window,
-- bytes are those that moved in it, as in top-talkers; with --at those of the connections
-- alive then, over their whole life, as round trips and retransmissions always are.
-- rtt_avg_us weighs each connection by its samples. Counters of open connections are up
-- to ten seconds old, but as many samples as are stored were taken. Without -b and -e all
-- that was ever recorded counts, also of connections that are no longer in the file, and one that went
-- on while the recorder was started anew counts once. A snapshot is taken for the window
-- for which it was made.
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
-- column repair: count; taken down without a word to the peer (TCP_REPAIR), as to move it to another host
-- column lost: count as end not seen; no failure: the recorder did not see the end, or had ended
-- column bytes_sent: bytes as sent
-- column bytes_received: bytes as received
-- column retrans_segs: count as retransmitted; segments
-- column rtt_min_us: duration
-- column rtt_avg_us: duration
-- column rtt_max_us: duration
-- column rtt_samples: count; given by the kernel, one in each round trip
-- column rtt_samples_stored: count as stored rtt samples; in the window
-- column events: count as stored events; in the window
-- column lost_events: count; the report losses says when and why
-- column lost_rtt_samples: count
-- column lost_callbacks: count; calls of the kernel about a socket
-- column lost_records: count; of either kind, by the recorder
-- layout record
-- moment
WITH stored AS MATERIALIZED (
  SELECT coalesce(sum(events), 0) AS events, coalesce(sum(rtt_samples), 0) AS rtt_samples
  FROM chosen_row_counts
), spans AS (
  SELECT count(*) AS recordings,
         min(max(started_us, :begin_us)) AS first_us,
         max(min(until_us, :end_us)) AS last_us,
         sum(min(until_us, :end_us) - max(started_us, :begin_us)) AS recorded_us
  FROM recording_spans
  WHERE started_us < :end_us AND until_us >= :begin_us
), read AS MATERIALIZED ( -- where sums of traffic tell the rest, only those open at the end
  SELECT start_kind, opened_us, alive_until_us, open_until_us, outcome,
         bytes_sent_in_window AS bytes_sent, bytes_received_in_window AS bytes_received,
         retrans_segs, rtt_min_us, rtt_sum_us, rtt_max_us, rtt_samples
  FROM chosen_connections
  WHERE opened_us < :end_us AND alive_until_us >= :begin_us
), done AS (
  SELECT connections, opened, closed, refused, timeout, unreachable, aborted, reset, repair,
         bytes_sent, bytes_received, retrans_segs, rtt_min_us, rtt_sum_us, rtt_max_us, rtt_samples
  FROM traffic
  WHERE :roll_up
  UNION ALL
  SELECT 1, start_kind = 'seen' AND opened_us >= :begin_us,
         ended AND outcome = 'closed', ended AND outcome = 'refused', ended AND outcome = 'timeout',
         ended AND outcome = 'unreachable', ended AND outcome = 'aborted',
         ended AND outcome = 'reset', ended AND outcome = 'repair',
         bytes_sent, bytes_received, retrans_segs, rtt_min_us, rtt_sum_us,
         rtt_max_us, rtt_samples
  FROM (SELECT *, alive_until_us < :end_us AS ended FROM read)
  WHERE NOT :roll_up
), counted AS (
  SELECT coalesce(sum(connections), 0) AS connections, coalesce(sum(opened), 0) AS opened,
         (SELECT count(*) FROM read WHERE open_until_us >= :end_us) AS open,
         coalesce(sum(closed), 0) AS closed, coalesce(sum(refused), 0) AS refused,
         coalesce(sum(timeout), 0) AS timeout, coalesce(sum(unreachable), 0) AS unreachable,
         coalesce(sum(aborted), 0) AS aborted, coalesce(sum(reset), 0) AS reset,
         coalesce(sum(repair), 0) AS repair,
         sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received,
         sum(retrans_segs) AS retrans_segs,
         min(rtt_min_us) AS rtt_min_us,
         sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us,
         max(rtt_max_us) AS rtt_max_us,
         max(sum(rtt_samples), (SELECT rtt_samples FROM stored)) AS rtt_samples
  FROM done
), alive AS (
  SELECT connections, opened, open, closed, refused, timeout, unreachable, aborted, reset, repair,
         max(0, connections - open - closed - refused - timeout - unreachable - aborted - reset
                  - repair) AS lost,
         bytes_sent, bytes_received, retrans_segs, rtt_min_us, rtt_avg_us, rtt_max_us, rtt_samples
  FROM counted
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
