-- pairs: which connections had both ends on this host, and how did each end see them?
--
-- One row for each connection whose client and server were both recorded, in one
-- network namespace or in two, and alive in the window; the last opened first. Two
-- ends belong together if their addresses and ports mirror each other and the
-- server accepted while the client lived. An address that conntrack translates on the
-- way counts as the server knows it. Where several do so, those come first that are
-- not bound to different interfaces of one namespace, then those that agree about the
-- bytes, then the nearest in time; what stays in doubt is left out. So are connections
-- of a socket to itself. Of a simultaneous open, where both ends connected, the first
-- counts as the client. A filter takes a pair if it takes one of its ends.
--
-- alias ends
--
-- column hostname: host
-- column opened_us: time; by the client; if older than the recording: when first seen
-- column client_pid: plain as PID; - if the owner is not known
-- column client_comm: text as CLIENT
-- column client: text as ADDRESS; address:port
-- column server_pid: plain as PID
-- column server_comm: text as SERVER
-- column server: text as ADDRESS
-- column outcome: outcome; of the client/of the server where they differ
-- column client_rtt_avg_us: duration as CLIENT_RTT; as the client's kernel measured it
-- column server_rtt_avg_us: duration as SERVER_RTT
-- column bytes_to_server: bytes as TO_SERVER; the higher count where the ends differ
-- column bytes_to_client: bytes as TO_CLIENT
-- column bytes_agree: hidden; 1 if each end received what the other sent, else 0
-- column client_outcome: hidden
-- column server_outcome: hidden
-- column client_netns: hidden; inode number of the network namespace
-- column server_netns: hidden
-- column client_id: hidden; of the connection
-- column server_id: hidden
-- narrow server_pid, client_pid, server_rtt_avg_us, bytes_to_client, bytes_to_server, client_rtt_avg_us, opened_us
-- moment
WITH known AS (
  SELECT c.id, c.opened_us, c.established_us, c.closed_us, c.direction, c.outcome, c.start_kind,
         c.bytes_sent, c.bytes_received, c.netns, c.ifindex, c.recording_id,
         c.pair_local_address AS local_address, c.pair_local_port AS local_port,
         c.pair_peer_address AS peer_address, c.pair_peer_port AS peer_port
  FROM window_connections c
  WHERE c.opened_us < :end_us AND c.alive_until_us >= :begin_us
  LIMIT -1 -- so that of many columns only these are worked out
), ends AS ( -- an end is low or high: which of its two address and port are its own
  SELECT *, (local_address, local_port) < (peer_address, peer_port) AS is_low,
         recording_id || ' '
         || iif((local_address, local_port) < (peer_address, peer_port),
                local_address || ' ' || local_port || ' ' || peer_address || ' ' || peer_port,
                peer_address || ' ' || peer_port || ' ' || local_address || ' ' || local_port)
         -- on loopback, which does not leave its namespace:
         || iif(local_address = peer_address
                  OR local_address GLOB '127.*' OR peer_address GLOB '127.*',
                ' ' || coalesce(netns, ''), '') AS ends
  FROM known
  WHERE (local_address, local_port) <> (peer_address, peer_port)
), placed AS MATERIALIZED ( -- the high ends numbered, the low ones between them
  SELECT *, count(*) FILTER (WHERE NOT is_low) OVER (ORDER BY ends, opened_us, id
                                                     ROWS UNBOUNDED PRECEDING) AS place
  FROM ends
), steps(step) AS (VALUES (-3), (-2), (-1), (0), (1), (2), (3), (4)
), candidates AS ( -- each low end with the four high ones before it and the four after
  SELECT CASE WHEN l.direction = 'active' AND h.direction = 'active' -- a simultaneous open
              THEN iif((l.opened_us, l.id) < (h.opened_us, h.id), l.id, h.id)
              WHEN l.direction = 'active' OR h.direction = 'passive' THEN l.id
              WHEN h.direction = 'active' OR l.direction = 'passive' THEN h.id
              ELSE iif(l.local_port > h.local_port, l.id, h.id) END AS client_id,
         l.id + h.id AS both_ids
  FROM placed l CROSS JOIN steps -- in this order: by place, since many may have the same ends
  CROSS JOIN placed h ON h.place = l.place + step AND NOT h.is_low AND +h.ends = l.ends
  WHERE l.is_low
), links AS (
  SELECT client.id AS client_id, server.id AS server_id, client.opened_us,
         client.outcome = 'closed' AND server.outcome = 'closed'
           AND (client.bytes_sent, client.bytes_received)
               <> (server.bytes_received, server.bytes_sent) AS disagree,
         CASE WHEN client.netns <> server.netns OR client.ifindex IS NULL OR server.ifindex IS NULL
              THEN 1 ELSE (client.ifindex <> server.ifindex) * 2 END AS other_link,
         client.start_kind <> server.start_kind AS differ,
         iif(client.start_kind = 'preexisting' AND server.start_kind = 'preexisting',
             abs(client.bytes_sent - server.bytes_received)
               + abs(client.bytes_received - server.bytes_sent),
             abs(server.opened_us - coalesce(client.established_us, client.opened_us))) AS gap
  FROM candidates d
  JOIN placed client ON client.id = d.client_id
  JOIN placed server ON server.id = d.both_ids - d.client_id
  WHERE client.direction <> 'passive'
    AND (server.direction <> 'active' OR client.established_us AND server.established_us)
    AND (client.opened_us <= server.opened_us OR client.start_kind = 'preexisting')
    -- A FIN is acknowledged before TCP_CLOSE; of another end the peer may hear later.
    AND (client.closed_us IS NULL
         OR server.opened_us <= client.closed_us + iif(client.outcome = 'closed', 0, 1000000))
    AND (server.closed_us IS NULL
         OR client.opened_us <= server.closed_us + iif(server.outcome = 'closed', 0, 1000000))
), ranked AS ( -- a pair is the best choice of both ends
  SELECT client_id, server_id, opened_us,
         row_number() OVER (PARTITION BY client_id
                            ORDER BY other_link, disagree, differ, gap, server_id) AS of_client,
         row_number() OVER (PARTITION BY server_id
                            ORDER BY other_link, disagree, differ, gap, client_id) AS of_server
  FROM links
), newest AS MATERIALIZED (
  SELECT client_id, server_id FROM ranked
  WHERE of_client = 1 AND of_server = 1
    AND (NOT :is_filtered OR client_id IN (SELECT id FROM chosen_connections)
         OR server_id IN (SELECT id FROM chosen_connections))
  ORDER BY opened_us DESC, client_id DESC
  LIMIT :limit
), clients AS MATERIALIZED (
  SELECT n.server_id, c.*
  FROM newest n
  CROSS JOIN connection_facts c ON c.file_number = file_of(n.client_id)
                               AND c.id_in_file = id_in_file(n.client_id)
)
SELECT c.hostname, c.opened_us, c.pid AS client_pid, c.comm AS client_comm, c.local AS client,
       s.pid AS server_pid, s.comm AS server_comm, s.local AS server,
       c.outcome || iif(c.outcome = s.outcome, '', '/' || s.outcome) AS outcome,
       c.rtt_avg_us AS client_rtt_avg_us, s.rtt_avg_us AS server_rtt_avg_us,
       max(c.bytes_sent, s.bytes_received) AS bytes_to_server,
       max(c.bytes_received, s.bytes_sent) AS bytes_to_client,
       (c.bytes_sent, c.bytes_received) = (s.bytes_received, s.bytes_sent) AS bytes_agree,
       c.outcome AS client_outcome, s.outcome AS server_outcome,
       c.netns AS client_netns, s.netns AS server_netns,
       c.id AS client_id, s.id AS server_id
FROM clients c
CROSS JOIN connection_facts s ON s.file_number = file_of(c.server_id)
                             AND s.id_in_file = id_in_file(c.server_id)
ORDER BY c.opened_us DESC, c.id DESC;
