-- times: connections end after they begin
SELECT 'wrong' AS status,
       format('connection %d: opened, established and closed do not agree', id)
         AS finding,
       opened_us AS begin_us, closed_us AS end_us
FROM connections
WHERE closed_us < opened_us OR established_us < opened_us OR closed_us < established_us
   OR closed_us IS NULL AND outcome NOT IN ('open', 'lost')
   OR closed_us IS NOT NULL AND outcome = 'open'
UNION ALL
SELECT 'wrong', format('listener %d: its accept queue is told of when it did not listen', l.id),
       min(q.from_us), max(q.until_us)
FROM accept_queues q JOIN listeners l ON l.id = q.listener_id
WHERE q.from_us < l.opened_us OR q.until_us > l.closed_us
GROUP BY l.id
UNION ALL
SELECT 'wrong', format('recording %d ends before it begins', id), started_us, ended_us
FROM recordings
WHERE ended_us < started_us;
