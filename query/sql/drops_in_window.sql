-- Which listeners dropped packets in the window, most packets first; whether the accept queue was
-- seen to be full, and whether any was in the network namespace, as the kernel counts it.
SELECT sum(q.drops) AS drops, l.local, l.comm, max(q.queue_max > q.queue_limit) AS was_full,
       max(EXISTS (SELECT * FROM netns_counters n
                   WHERE n.recording_id = q.recording_id AND n.netns = l.netns
                     AND n.listen_overflows > 0
                     AND n.until_us > :begin_us AND n.from_us < :end_us)) AS was_any_full
FROM recording_spans s
CROSS JOIN accept_queues q
  ON q.recording_id = s.recording_id AND q.until_us > :begin_us AND q.from_us < :end_us
CROSS JOIN chosen_listeners l ON l.id = q.listener_id
WHERE q.drops > 0
GROUP BY s.hostname, l.netns, l.local, l.comm -- a listener has a row in each recording
ORDER BY 1 DESC, 2, 3;
