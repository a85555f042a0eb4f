-- Run in a new file whose connections and samples are there, but for whose minutes no recorder has
-- counted. What a connection has moved counts in the minute of its end, or in that of its newest
-- counters while it is open.
INSERT INTO minutes (begin_us, comm, service_port, direction, connections, opened, closed, refused,
                     timeout, unreachable, reset, aborted, repair, lost, bytes_sent, bytes_received,
                     retrans_segs, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us, rtts)
WITH known AS MATERIALIZED (
  SELECT c.id, coalesce(p.comm, '') AS comm,
         CASE c.direction WHEN 'active' THEN coalesce(c.peer_port, 0)
                          WHEN 'passive' THEN coalesce(c.local_port, 0)
                          ELSE min(coalesce(c.local_port, 0), coalesce(c.peer_port, 0)) END AS port,
         c.direction, c.start_kind, c.opened_us, c.outcome,
         coalesce(c.closed_us, c.counters_us, c.opened_us) AS told_us,
         c.bytes_sent - c.bytes_sent_before AS bytes_sent,
         c.bytes_received - c.bytes_received_before AS bytes_received, c.retrans_segs
  FROM connections c JOIN processes p ON p.id = c.process_id
), bucketed AS (
  SELECT connection_id, time_us / 60000000 AS minute, rtt_us,
         iif(rtt_us < 16, rtt_us, power * 16 - 48 + (rtt_us >> (power - 4)) % 16) AS bucket
  FROM (SELECT connection_id, time_us, rtt_us, CAST(log2(max(rtt_us, 1)) AS INTEGER) AS power
        FROM rtt_samples)
), buckets AS MATERIALIZED (
  SELECT minute, comm, port, direction, bucket, count(*) AS samples, sum(rtt_us) AS sum_us,
         min(rtt_us) AS min_us, max(rtt_us) AS max_us
  FROM bucketed b CROSS JOIN known c ON c.id = b.connection_id
  GROUP BY 1, 2, 3, 4, 5
), told(minute, comm, port, direction, connections, opened, outcome, bytes_sent, bytes_received,
        retrans_segs, samples, sum_us, min_us, max_us, rtts) AS (
  SELECT opened_us / 60000000, comm, port, direction, 1, start_kind = 'seen', NULL, 0, 0, 0, 0, 0,
         NULL, NULL, NULL
  FROM known
  UNION ALL
  SELECT told_us / 60000000, comm, port, direction, 0, 0, outcome,
         bytes_sent, bytes_received, retrans_segs, 0, 0, NULL, NULL, NULL
  FROM known
  UNION ALL
  SELECT minute, comm, port, direction, 0, 0, NULL, 0, 0, 0, sum(samples), sum(sum_us),
         min(min_us), max(max_us), json_group_object(bucket, samples)
  FROM buckets
  GROUP BY minute, comm, port, direction
)
SELECT minute * 60000000, comm, port, direction, sum(connections), sum(opened),
       count(*) FILTER (WHERE outcome = 'closed'), count(*) FILTER (WHERE outcome = 'refused'),
       count(*) FILTER (WHERE outcome = 'timeout'), count(*) FILTER (WHERE outcome = 'unreachable'),
       count(*) FILTER (WHERE outcome = 'reset'), count(*) FILTER (WHERE outcome = 'aborted'),
       count(*) FILTER (WHERE outcome = 'repair'), count(*) FILTER (WHERE outcome = 'lost'),
       sum(bytes_sent), sum(bytes_received), sum(retrans_segs), sum(samples), sum(sum_us),
       min(min_us), max(max_us), coalesce(max(rtts), '{}')
FROM told
GROUP BY minute, comm, port, direction;
