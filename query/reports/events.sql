-- events: what happened, in order?
--
-- One row for each event of the window, the newest last, as in a log; -n takes
-- the newest. LAT is the handshake for established and the connection's whole
-- life for close and attempt. Checkpoints, which only refresh counters, are left out.
-- With -F it goes on with what happens, until the recorder stops or Ctrl-C is pressed.
--
-- alias log, trace
--
-- Below the table: the connections open at the end of the window; those opened
-- in it per second of recording; and of those whose end in it was seen, how many
-- failed (refused, timeout, unreachable, aborted, reset).
--
-- column time_us: time as TIME
-- column type: text; see table event_kinds
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column latency_us: milliseconds as LAT(ms)
-- column detail: text; states, segments sent again, timeouts in a row, outcome
-- column id: hidden
-- column connection_id: hidden
-- column old_state: hidden
-- column new_state: hidden
-- column value: hidden; see table event_kinds
WITH ids AS MATERIALIZED (
  SELECT min(first_event_id) AS first, max(last_event_id) AS last
  FROM batches
  WHERE last_time_us >= :begin_us AND first_time_us < :end_us
), newest AS MATERIALIZED (
  SELECT e.*, k.name AS type
  FROM events e CROSS JOIN event_kinds k ON k.id = e.kind
  WHERE e.id BETWEEN max((SELECT first FROM ids), :after_id + 1) AND (SELECT last FROM ids)
    AND e.time_us >= :begin_us AND e.time_us < :end_us
    AND k.name <> 'checkpoint'
    AND (NOT :is_filtered -- chosen_events would first look for all connections of the file
         OR EXISTS (SELECT 1 FROM chosen_connections c WHERE c.id = e.connection_id))
  ORDER BY /*several e.time_us DESC,*/ e.id DESC
  LIMIT :limit
)
SELECT /*several c.hostname AS host,*/ n.time_us, n.type, c.pid, c.comm, c.local, c.peer,
       CASE WHEN n.type = 'established' THEN n.value
            WHEN n.type IN ('close', 'attempt') THEN c.duration_us END AS latency_us,
       CASE
         WHEN n.type = 'preexisting' THEN s.name
         WHEN n.type = 'state' THEN o.name || ' > ' || s.name
         WHEN n.type = 'retransmit' THEN n.value || iif(n.value = 1, ' segment', ' segments')
         WHEN n.type = 'rto' THEN n.value || ' in a row'
         WHEN n.type IN ('close', 'attempt') THEN c.outcome || coalesce(' ' || c.error, '')
       END AS detail,
       n.id, n.connection_id, o.name AS old_state, s.name AS new_state, n.value
FROM newest n
CROSS JOIN connection_facts c ON c.id = n.connection_id
JOIN tcp_states o ON o.id = n.old_state
JOIN tcp_states s ON s.id = n.new_state
ORDER BY /*several n.time_us,*/ n.id;
-- footer
-- column active_connections: count
-- column connection_rate: rate
-- column failure_rate: percent
WITH covered AS MATERIALIZED (
  SELECT sum(max(0, min(until_us + 1, :end_us) - max(started_us, :begin_us))) AS us
  FROM recording_spans
), began AS (
  SELECT sum(opened) AS opened, sum(refused + timeout + unreachable + reset + aborted) AS failed,
         sum(closed + refused + timeout + unreachable + reset + aborted) AS ended
  FROM traffic
  WHERE :roll_up
  UNION ALL
  SELECT count(*) FILTER (WHERE start_kind = 'seen' AND opened_us >= :begin_us
                            AND opened_us < :end_us),
         count(*) FILTER (WHERE is_failure AND closed_us >= :begin_us AND closed_us < :end_us),
         count(*) FILTER (WHERE closed_us >= :begin_us AND closed_us < :end_us
                            AND outcome <> 'lost')
  FROM connections_about_window
  WHERE NOT :roll_up
)
SELECT (SELECT count(*) FROM connections_about_end
        WHERE opened_us < :end_us AND open_until_us >= :end_us) AS active_connections,
       sum(opened) * 1e6 / (SELECT us FROM covered) AS connection_rate,
       sum(failed) * 100.0 / sum(ended) AS failure_rate
FROM began;
