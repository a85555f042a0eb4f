-- listeners: which sockets were waiting for connections?
--
-- One row for each socket that listened within the window, by port, with the
-- connections of the window accepted at its address and port while it did.
--
-- alias listen
--
-- column hostname: host
-- column opened_us: time; listen() called; if older than the recording: when first seen
-- column closed_us: time; - while it listens
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column local: text; address:port; 0.0.0.0 and [::] stand for all addresses of the host
-- column accepted: count; of several sockets on one port (SO_REUSEPORT): by any of them; none older than the recording
-- column start_kind: text as START; preexisting: older than the recording
-- column id: hidden
-- column pid_source: hidden; how the owner is known
-- column uid: hidden
-- column netns: hidden; network namespace
-- column systemd_unit: hidden as UNIT
-- column container_id: hidden
-- narrow start_kind, pid, closed_us
-- moment
WITH in_window AS MATERIALIZED (
  SELECT hostname, opened_us, closed_us, until_us, pid, comm, family, local, local_address,
         local_port, start_kind, id, recording_id, pid_source, uid, netns, systemd_unit, container_id
  FROM listener_facts
  WHERE opened_us < :end_us AND until_us >= :begin_us
), begun AS ( -- LIMIT -1: of many columns only these are worked out
  SELECT recording_id, netns, family, local_address, local_port, opened_us
  FROM window_connections
  WHERE direction = 'passive' AND start_kind = 'seen'
    AND opened_us >= :begin_us AND opened_us < :end_us
  LIMIT -1
), accepted AS MATERIALIZED ( -- one pass over the connections, whatever the planner thinks
  SELECT l.id, count(*) AS connections
  FROM begun c
  CROSS JOIN in_window l ON l.recording_id = c.recording_id AND l.netns = c.netns
    AND l.local_port = c.local_port
    AND c.opened_us BETWEEN l.opened_us AND l.until_us
    AND (c.local_address = l.local_address OR c.family = 4 AND l.local_address = '0.0.0.0'
      OR l.local_address = '::' AND (c.family = 6 OR NOT EXISTS ( -- beside 0.0.0.0 it takes no IPv4
        SELECT * FROM in_window o
        WHERE o.recording_id = c.recording_id AND o.netns = c.netns
          AND o.local_port = c.local_port AND o.local_address = '0.0.0.0'
          AND c.opened_us BETWEEN o.opened_us AND o.until_us)))
  GROUP BY l.id
)
SELECT l.hostname, l.opened_us, l.closed_us, l.pid, l.comm, l.local,
       coalesce(a.connections, 0) AS accepted,
       l.start_kind, l.id, l.pid_source, l.uid, l.netns, l.systemd_unit, l.container_id
FROM in_window l
LEFT JOIN accepted a ON a.id = l.id
WHERE NOT :is_filtered OR l.id IN (SELECT id FROM chosen_listeners)
ORDER BY l.local_port, l.opened_us, l.id
LIMIT :limit;
