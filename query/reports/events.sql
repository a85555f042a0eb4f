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
-- column hostname: host
-- column time_us: time as TIME
-- column type: text as EVENT; see table event_kinds
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column latency_us: duration as LATENCY
-- column detail: wide; states, segments sent again, timeouts in a row, outcome
-- column id: hidden
-- column connection_id: hidden
-- column old_state: hidden
-- column new_state: hidden
-- column value: hidden; see table event_kinds
-- narrow pid, latency_us, local, comm
WITH newest AS MATERIALIZED (
  SELECT e.*, k.name AS type
  FROM newest_events e CROSS JOIN event_kinds k ON k.id = e.kind
  WHERE e.id > :after_id AND e.time_us >= :begin_us AND e.time_us < :end_us
    AND k.name <> 'checkpoint'
  ORDER BY e.place DESC, e.id DESC
  LIMIT :limit
), told AS MATERIALIZED (
  SELECT n.*, c.hostname, c.pid, c.comm, c.local, c.peer, c.duration_us, c.outcome, c.error
  FROM newest n
  CROSS JOIN connection_facts c ON c.file_number = file_of(n.connection_id)
                               AND c.id_in_file = id_in_file(n.connection_id)
)
SELECT t.hostname, t.time_us, t.type, t.pid, t.comm, t.local, t.peer,
       CASE WHEN t.type = 'established' THEN t.value
            WHEN t.type IN ('close', 'attempt') THEN t.duration_us END AS latency_us,
       CASE
         WHEN t.type = 'preexisting' THEN s.name
         WHEN t.type = 'state' THEN o.name || ' > ' || s.name
         WHEN t.type IN ('retransmit', 'retransmit_failed')
           THEN t.value || iif(t.value = 1, ' segment', ' segments')
         WHEN t.type = 'rto' THEN t.value || ' in a row'
         WHEN t.type IN ('close', 'attempt') THEN t.outcome || coalesce(' ' || t.error, '')
       END AS detail,
       t.id, t.connection_id, o.name AS old_state, s.name AS new_state, t.value
FROM told t
JOIN tcp_states o ON o.id = t.old_state
JOIN tcp_states s ON s.id = t.new_state
ORDER BY t.place, t.id;
-- footer
-- column active_connections: count
-- column connection_rate: rate
-- column failure_rate: percent
WITH covered AS MATERIALIZED (
  SELECT sum(max(0, min(until_us + 1, :end_us) - max(started_us, :begin_us))) AS us
  FROM recording_spans
), alive AS MATERIALIZED ( -- where sums of traffic tell the rest, only those open at the end
  SELECT start_kind, opened_us, closed_us, open_until_us, outcome, is_failure
  FROM chosen_connections
), began AS (
  SELECT sum(opened) AS opened, sum(refused + timeout + unreachable + reset + aborted) AS failed,
         sum(closed + refused + timeout + unreachable + reset + aborted + repair) AS ended
  FROM traffic
  WHERE :roll_up
  UNION ALL
  SELECT sum(start_kind = 'seen' AND opened_us >= :begin_us AND opened_us < :end_us),
         sum(is_failure AND closed_us >= :begin_us AND closed_us < :end_us),
         sum(closed_us >= :begin_us AND closed_us < :end_us AND outcome <> 'lost')
  FROM alive
  WHERE NOT :roll_up
)
SELECT (SELECT count(*) FROM alive
        WHERE opened_us < :end_us AND open_until_us >= :end_us) AS active_connections,
       sum(opened) * 1e6 / (SELECT us FROM covered) AS connection_rate,
       sum(failed) * 100.0 / sum(ended) AS failure_rate
FROM began;
