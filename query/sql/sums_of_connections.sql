-- Run in a new file whose connections are there, but for whose sums no recorder has counted:
-- each connection counts on the day it was opened.
INSERT INTO traffic_sums
SELECT c.opened_us - c.opened_us % 86400000000, coalesce(p.comm, ''), coalesce(c.peer_address, ''),
       CASE c.direction WHEN 'active' THEN coalesce(c.peer_port, 0)
                        WHEN 'passive' THEN coalesce(c.local_port, 0)
                        ELSE min(coalesce(c.local_port, 0), coalesce(c.peer_port, 0)) END AS port,
       c.direction,
       iif(count(DISTINCT c.process_id) = 1, p.pid, NULL),
       count(*), count(*) FILTER (WHERE c.start_kind = 'seen'),
       count(*) FILTER (WHERE c.outcome = 'closed'), count(*) FILTER (WHERE c.outcome = 'refused'),
       count(*) FILTER (WHERE c.outcome = 'timeout'),
       count(*) FILTER (WHERE c.outcome = 'unreachable'),
       count(*) FILTER (WHERE c.outcome = 'reset'), count(*) FILTER (WHERE c.outcome = 'aborted'),
       count(*) FILTER (WHERE c.outcome = 'repair'), count(*) FILTER (WHERE c.outcome = 'lost'),
       sum(c.bytes_sent), sum(c.bytes_received), sum(c.retrans_segs), sum(c.rtt_samples),
       sum(c.rtt_sum_us),
       min(c.rtt_min_us), max(c.rtt_max_us)
FROM connections c JOIN processes p ON p.id = c.process_id
GROUP BY 1, 2, 3, port, c.direction;
