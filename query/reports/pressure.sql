-- pressure: which listeners and network namespaces turned connections away?
--
-- One row for each listener whose accept queue was not empty, or that dropped packets, and
-- one for each network namespace in which the kernel counted dropped SYNs, cookies, resets
-- or failed handshakes. No connection tells of these, and no peer is known. What was counted
-- between two readings, at most some ten seconds, is told as a whole if the window has a part of it.
-- A SYN is dropped while more connections wait for accept() than LIMIT: QUEUE is LIMIT + 1 then, if
-- that was seen, and the namespace has OVERFLOWS. Drops that are no overflows have other reasons.
--
-- alias turned-away, backlog
-- by place: place; each listener and network namespace
-- by time: time_us, place; each time at which something was read, the newest first
--
-- column hostname: host
-- column time_us: time as TIME; with --by time: when it was read
-- column place: text; address:port of a listener, or netns and the number of a network namespace
-- column pid: plain; of the listener's owner
-- column comm: text; of the listener's owner; in the namespace: if its listeners all have this name
-- column queue_max: count as QUEUE; the most that were seen waiting for accept()
-- column queue_limit: count as LIMIT; a SYN is dropped while more than this many wait
-- column drops: count; packets that the listener dropped; in the namespace: SYNs and handshakes that listeners dropped
-- column listen_overflows: count as OVERFLOWS; SYNs and handshakes held up: the accept queue of a listener was full
-- column syn_cookies_sent: count as COOKIES; SYNs answered by a cookie: too many were half-open
-- column resets_sent: count as RESETS; sent, to SYNs for closed ports and also to connections, which have rows
-- column syn_queue_drops: count as SYN_DROPS; SYNs dropped: too many connections were half-open
-- column attempt_fails: count as FAILS; handshakes that failed, of either side
-- column last_us: second as LAST; when the last of it was read
-- column netns: hidden; network namespace
-- column uid: hidden
-- column systemd_unit: hidden as UNIT
-- column container_id: hidden
-- narrow attempt_fails, syn_queue_drops, pid, last_us
WITH listening AS MATERIALIZED (
  SELECT id, recording_id, local, pid, comm, netns, uid, systemd_unit, container_id
  FROM chosen_listeners
  WHERE opened_us < :end_us AND until_us >= :begin_us
), common AS MATERIALIZED ( -- what all listeners of a namespace have in common
  SELECT recording_id, netns,
         iif(min(comm) = max(comm) AND count(*) = count(comm), min(comm), NULL) AS comm,
         iif(min(systemd_unit) = max(systemd_unit) AND count(*) = count(systemd_unit),
             min(systemd_unit), NULL) AS systemd_unit,
         iif(min(container_id) = max(container_id) AND count(*) = count(container_id),
             min(container_id), NULL) AS container_id
  FROM listening
  GROUP BY recording_id, netns
), readings AS (
  SELECT s.hostname, l.local AS place, l.pid, l.comm, q.queue_max, q.queue_limit, q.drops,
         NULL AS listen_overflows, NULL AS syn_cookies_sent, NULL AS resets_sent,
         NULL AS syn_queue_drops, NULL AS attempt_fails, q.until_us AS time_us,
         l.netns, l.uid, l.systemd_unit, l.container_id
  FROM recording_spans s
  CROSS JOIN accept_queues q
    ON q.recording_id = s.recording_id AND q.until_us > :begin_us AND q.from_us < :end_us
  CROSS JOIN listening l ON l.id = q.listener_id
  UNION ALL
  SELECT s.hostname, 'netns ' || n.netns, NULL, c.comm, NULL, NULL, n.listen_drops,
         n.listen_overflows, n.syn_cookies_sent, n.resets_sent, n.syn_queue_drops, n.attempt_fails,
         n.until_us, n.netns, NULL, c.systemd_unit, c.container_id
  FROM recording_spans s
  CROSS JOIN netns_counters n
    ON n.recording_id = s.recording_id AND n.until_us > :begin_us AND n.from_us < :end_us
  LEFT JOIN common c ON c.recording_id = n.recording_id AND c.netns = n.netns
  WHERE NOT :is_filtered OR c.netns IS NOT NULL
)
SELECT hostname, {by}, pid, comm, max(queue_max) AS queue_max, max(queue_limit) AS queue_limit,
       sum(drops) AS drops, sum(listen_overflows) AS listen_overflows,
       sum(syn_cookies_sent) AS syn_cookies_sent, sum(resets_sent) AS resets_sent,
       sum(syn_queue_drops) AS syn_queue_drops, sum(attempt_fails) AS attempt_fails,
       max(time_us) AS last_us, netns, max(uid) AS uid, max(systemd_unit) AS systemd_unit,
       max(container_id) AS container_id
FROM readings
GROUP BY hostname, netns, {by}, pid, comm
ORDER BY iif('{by}' = 'place', 0, time_us) DESC, drops DESC, syn_cookies_sent DESC,
         resets_sent DESC, queue_max DESC, hostname, netns, place, pid
LIMIT :limit;
