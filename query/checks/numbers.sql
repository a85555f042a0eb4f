-- numbers: times and counts are such as a recorder can write
WITH numbers(what, id, least, most) AS ( -- in microseconds, 2^52 is in the year 2112; no clock is set later
  SELECT 'connections', id,
         min(opened_us, coalesce(established_us, 0), coalesce(closed_us, 0), bytes_sent, bytes_received,
             coalesce(counters_us, 0), bytes_sent_before, bytes_received_before,
             bytes_sent - bytes_sent_before, bytes_received - bytes_received_before,
             retrans_segs - retrans_fast_segs - retrans_tlp_segs - retrans_timeout_segs,
             retrans_fast_segs, retrans_tlp_segs, retrans_timeout_segs, retrans_spurious_segs,
             busy_us - rwnd_limited_us - sndbuf_limited_us, rwnd_limited_us, sndbuf_limited_us,
             coalesce(sent_ago_us, 0), coalesce(received_ago_us, 0), wait_for_peer_us,
             wait_for_local_us, rtt_samples, rtt_sum_us),
         max(opened_us, coalesce(established_us, 0), coalesce(closed_us, 0), bytes_sent, bytes_received,
             coalesce(counters_us, 0),
             retrans_segs, retrans_spurious_segs, busy_us, coalesce(sent_ago_us, 0),
             coalesce(received_ago_us, 0), wait_for_peer_us, wait_for_local_us, rtt_samples,
             rtt_sum_us)
  FROM connections
  UNION ALL
  SELECT 'intervals', id, min(bytes_sent, bytes_received, held_up),
         max(bytes_sent, bytes_received, abs(segs))
  FROM packed_intervals
  UNION ALL
  SELECT 'recordings', id, min(started_us, coalesce(ended_us, 0), heartbeat_us, heartbeat_interval_us),
         max(started_us, coalesce(ended_us, 0), heartbeat_us, heartbeat_interval_us,
             clock_offset_us, -clock_offset_us)
  FROM recordings
  UNION ALL
  SELECT 'sums of traffic', NULL, begin_us, -- those of traffic_recent may take away what was added
         max(begin_us, connections, bytes_sent, bytes_received, rtt_sum_us,
             -min(connections, bytes_sent, bytes_received, rtt_sum_us))
  FROM traffic
  UNION ALL
  SELECT 'minutes', id, min(begin_us, bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_sum_us),
         max(begin_us, bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_sum_us,
             abs(connections), abs(opened))
  FROM minutes
  UNION ALL
  SELECT 'accept queues', NULL, min(from_us, until_us - from_us - 1, queue_len, queue_max - queue_len, queue_limit, drops),
         max(until_us, queue_max, queue_limit, drops)
  FROM accept_queues
  UNION ALL
  SELECT 'counters of network namespaces', NULL,
         min(from_us, until_us - from_us - 1, attempt_fails, resets_sent, listen_overflows, listen_drops,
             syn_queue_drops, syn_cookies_sent),
         max(until_us, attempt_fails, resets_sent, listen_overflows, listen_drops, syn_queue_drops,
             syn_cookies_sent)
  FROM netns_counters
)
SELECT 'wrong' AS status,
       format('%d %s have a time or count that no recorder writes', count(*), what)
         || iif(min(id), format('; the first is %d', min(id)), '') AS finding,
       NULL AS begin_us, NULL AS end_us
FROM numbers
WHERE least < 0 OR most >= 1 << 52
GROUP BY what;
