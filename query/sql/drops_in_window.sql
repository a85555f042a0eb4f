-- Which listeners dropped packets in the window, and whether the accept queue was seen to be full:
-- most packets first.
SELECT sum(q.drops) AS drops, l.local, l.comm, max(q.queue_max > q.queue_limit) AS was_full
FROM recording_spans s
CROSS JOIN accept_queues q
  ON q.recording_id = s.recording_id AND q.until_us > :begin_us AND q.from_us < :end_us
CROSS JOIN chosen_listeners l ON l.id = q.listener_id
WHERE q.drops > 0
GROUP BY s.hostname, l.netns, l.local, l.comm
ORDER BY 1 DESC, 2, 3;
