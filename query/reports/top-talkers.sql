-- top-talkers: which programs moved the most bytes, and with whom?
--
-- One row for each program, by its name, and peer address, or for what --by says; most
-- payload first. With a window it counts the connections alive in it with the bytes that
-- they moved in it: those of an interval that the window cuts in proportion, and those of
-- a connection too short for intervals where it ended. With --at, or with --by or a filter
-- alone, connections count with all their bytes. Without any of these it counts all
-- traffic ever recorded, also that of connections which are no longer in the file.
-- rtt_avg_us is over the whole connections and weighs each by its samples. With --by, a
-- connection whose both ends are in one row counts once there, with each byte once, as its
-- client has sent and received it. Without --by each end has a row of its own.
-- The report processes tells the processes of a program apart.
--
-- alias top, talkers
-- by peer: peer_address; each peer address
-- by process: pid, comm, process_id; each process
-- by container: container, container_id; each container, and what is in none
-- by unit: systemd_unit; each systemd unit
-- by port: service_port; each port that was connected to, here or at a peer
-- by service: comm, service_port; each program and port: its own if it accepted, the peer's if it connected
-- by pair: local_address, peer_address; each two addresses
-- by connection: id, comm, local, peer; each connection
--
-- column hostname: host
-- column comm: text; name of the program
-- column pid: plain; - if there were several processes, or the owner is not known
-- column peer_address: text as PEER
-- column local_address: text as LOCAL; with --by pair
-- column local: text; with --by connection: address:port of this host
-- column peer: text; with --by connection: address:port of the other end
-- column service_port: plain as PORT; with --by port and service
-- column container: text; with --by container: the beginning of its id; - if it is in none
-- column systemd_unit: text as UNIT; with --by unit
-- column connections: count as CONNS; connections and attempts
-- column failed: count; with --by: refused, timeout, unreachable, aborted or reset in the window
-- column bytes_sent: bytes as SENT; payload, without retransmissions
-- column bytes_received: bytes as RECEIVED
-- column bytes_total: bytes as TOTAL; sent and received
-- column bytes_within: bytes as WITHIN; with --by: of these, with a peer on this host
-- column rtt_avg_us: duration
-- column id: plain; with --by connection
-- column container_id: hidden
-- column process_id: hidden
-- narrow rtt_avg_us, pid, connections, local
-- moment
WITH moved AS ( -- sums of traffic are asked for where there is one host
  -- comm, peer_address: '' if not known; pid: -1 if not known or several
  SELECT (SELECT max(hostname) FROM recording_spans) AS hostname, comm, coalesce(pid, -1) AS pid,
         peer_address, connections, bytes_sent, bytes_received, rtt_samples, rtt_sum_us
  FROM traffic
  WHERE :roll_up
  UNION ALL
  SELECT hostname, coalesce(comm, ''), coalesce(pid, -1), coalesce(peer_address, ''), 1,
         bytes_sent_in_window, bytes_received_in_window, rtt_samples, rtt_sum_us
  FROM chosen_connections
  WHERE NOT :roll_up AND opened_us < :end_us AND alive_until_us >= :begin_us
)
SELECT hostname, nullif(comm, '') AS comm,
       iif(min(pid) = max(pid), nullif(min(pid), -1), NULL) AS pid,
       nullif(peer_address, '') AS peer_address,
       sum(connections) AS connections,
       sum(bytes_sent) AS bytes_sent,
       sum(bytes_received) AS bytes_received,
       sum(bytes_sent) + sum(bytes_received) AS bytes_total,
       sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us
FROM moved
GROUP BY moved.peer_address, moved.comm, hostname -- this order: addresses differ sooner
HAVING sum(connections) > 0
ORDER BY bytes_total DESC, connections DESC, moved.comm, moved.peer_address, hostname
LIMIT :limit;
-- by
WITH alive AS MATERIALIZED ( -- LIMIT -1: of many columns only these are worked out
  SELECT {by}, hostname, is_failure AND closed_us < :end_us AS failed,
         bytes_sent_in_window AS bytes_sent, bytes_received_in_window AS bytes_received,
         rtt_sum_us, rtt_samples, ends, is_client
  FROM chosen_ends
  WHERE opened_us < :end_us AND alive_until_us >= :begin_us
  LIMIT -1
), sides AS ( -- all clients of two ends, all their servers, and all with a peer elsewhere
  SELECT {by}, hostname, ends, iif(ends IS NULL, NULL, is_client) AS side,
         count(*) AS connections, sum(failed) AS failed,
         sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received,
         sum(rtt_sum_us) AS rtt_sum_us, sum(rtt_samples) AS rtt_samples
  FROM alive
  GROUP BY {by}, hostname, ends, side
), moved AS ( -- where both sides are in the group, each connection counts once, as pairs has it
  SELECT {by}, hostname, ends IS NOT NULL AS is_within, coalesce(max(side), 1) AS is_of_client,
         max(connections) AS connections, max(failed) AS failed,
         max(iif(side IS 0, bytes_received, bytes_sent)) AS to_server,
         max(iif(side IS 0, bytes_sent, bytes_received)) AS to_client,
         sum(rtt_sum_us) AS rtt_sum_us, sum(rtt_samples) AS rtt_samples
  FROM sides
  GROUP BY {by}, hostname, ends
)
SELECT hostname, {by},
       sum(connections) AS connections,
       sum(coalesce(failed, 0)) AS failed,
       sum(iif(is_of_client, to_server, to_client)) AS bytes_sent,
       sum(iif(is_of_client, to_client, to_server)) AS bytes_received,
       sum(to_server + to_client) AS bytes_total,
       sum(iif(is_within, to_server + to_client, 0)) AS bytes_within,
       sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us
FROM moved
GROUP BY {by}, hostname
ORDER BY bytes_total DESC, connections DESC, {by}, hostname
LIMIT :limit;
