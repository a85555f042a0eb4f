-- retransmits: which connections had to send again?
--
-- One row for each connection that sent segments again within the window, or for what
-- --by says; most segments first. They are counted from the events of the window, and
-- those that this host itself refused to send again (events retransmit_failed) are not
-- among them; segments sent, the share and the timeouts are those of the whole
-- connections, and count attempts.
--
-- alias retrans, tcpretrans
-- by connection: id, pid, comm, local, peer; each connection, as without --by
-- by peer: peer_address; each peer address
-- by process: pid, comm, process_id; each process
-- by pair: local_address, peer_address; each two addresses
--
-- column hostname: host
-- column id: plain; of the connection, as the report connection takes it
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column peer_address: text as PEER; with --by peer and pair
-- column local_address: text as LOCAL; with --by pair
-- column connections: count as CONNS
-- column failed: count; connections that were refused, timeout, unreachable, aborted or reset
-- column retrans_in_window: count as RETRANS; segments sent again in the window
-- column last_us: second as LAST; the newest time at which it sent again
-- column segs_sent: count as SEGS; segments sent, over the whole life
-- column retrans_percent: percent as PERCENT; share of the segments that were sent again
-- column rtos: count as RTOS; retransmission timeouts, over the whole life
-- column retrans_fast_segs: count as FAST; sent again as ACKs told of a loss, over the whole life, as are the next
-- column retrans_tlp_segs: count as TLP; sent again as tail loss probes
-- column retrans_timeout_segs: count as TIMEOUT; sent again after a timeout
-- column retrans_spurious_segs: count as IN_VAIN; the peer said that it had them already
-- column process_id: hidden
-- narrow connections, pid, retrans_spurious_segs, retrans_tlp_segs, retrans_fast_segs, retrans_timeout_segs, local, segs_sent, failed, rtos
WITH again AS ( -- LIMIT -1: of many columns only these are worked out
  SELECT connection_id, value, time_us
  FROM chosen_events
  WHERE time_us >= :begin_us AND time_us < :end_us
    AND kind = (SELECT id FROM event_kinds WHERE name = 'retransmit')
  LIMIT -1
), sent_again AS MATERIALIZED (
  SELECT connection_id, sum(value) AS segments, max(time_us) AS last_us
  FROM again
  GROUP BY connection_id
), told AS MATERIALIZED (
  SELECT hostname, {by}, is_failure, segs_sent, retrans_segs, rtos, retrans_fast_segs,
         retrans_tlp_segs, retrans_timeout_segs, retrans_spurious_segs, s.segments, s.last_us
  FROM sent_again s
  CROSS JOIN connection_facts c ON c.file_number = file_of(s.connection_id)
                               AND c.id_in_file = id_in_file(s.connection_id)
)
SELECT hostname, {by},
       count(*) AS connections, count(*) FILTER (WHERE is_failure) AS failed,
       sum(segments) AS retrans_in_window,
       sum(segs_sent) AS segs_sent,
       sum(retrans_segs) * 100.0 / sum(segs_sent) AS retrans_percent,
       sum(rtos) AS rtos,
       sum(retrans_fast_segs) AS retrans_fast_segs, sum(retrans_tlp_segs) AS retrans_tlp_segs,
       sum(retrans_timeout_segs) AS retrans_timeout_segs,
       sum(retrans_spurious_segs) AS retrans_spurious_segs,
       max(last_us) AS last_us
FROM told
GROUP BY {by}, hostname
ORDER BY retrans_in_window DESC, max(last_us) DESC, {by}, hostname
LIMIT :limit;
