-- failures: which connections failed or broke, and why?
--
-- One row for each connection that was refused, timed out, could not reach its
-- peer, was given up (aborted) or cut off (reset) within the window; newest
-- first. One whose end the recorder did not see (outcome lost) is no failure. With --by
-- one row for each reason, peer or process, most failures first. A connection whose both
-- ends are on this host counts once there if both are in the same row. A client that a listener
-- turned away has no connection here: a line on stderr names such listeners, and the report
-- pressure tells more.
--
-- alias failed, errors
-- by reason: outcome, error; each outcome and errno
-- by peer: peer_address, service_port; each peer address and the port that was connected to
-- by process: pid, comm, process_id; each process
--
-- column hostname: host
-- column closed_us: time as TIME; when it failed
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column outcome: outcome; refused, timeout, unreachable, aborted, reset
-- column error: text; name of the errno, - if there was none
-- column duration_us: duration; since it was opened
-- column failures: count; with --by: how many
-- column failures_within: count as WITHIN; with --by: of these, with a peer on this host
-- column failed_percent: percent as PERCENT; with --by: of the connections that ended in the window, with --by peer and process of this peer's or process's
-- column failures_per_second: rate as RATE; with --by: failures per second of recording in the window
-- column last_us: second as LAST; with --by: the newest failure
-- column peer_address: text as PEER; with --by peer
-- column service_port: plain as PORT; with --by peer
-- column process_id: hidden
-- column was_established: hidden; 1 if it broke after the handshake, else 0
-- column id: hidden; of the connection
-- column direction: hidden as DIR
-- column opened_us: hidden time
-- column closed_by: hidden
-- column bytes_sent: hidden bytes as SENT
-- column bytes_received: hidden bytes as RECEIVED
-- column retrans_segs: hidden count as RETRANS
-- narrow pid, local, duration_us, error
-- drops
SELECT hostname, closed_us, pid, comm, local, peer, outcome, error, duration_us,
       established_us IS NOT NULL AS was_established,
       id, direction, opened_us, closed_by, bytes_sent, bytes_received, retrans_segs
FROM chosen_connections
WHERE is_failure AND closed_us >= :begin_us AND closed_us < :end_us
ORDER BY closed_us DESC, id DESC
LIMIT :limit;
-- by
WITH covered AS MATERIALIZED (
  SELECT hostname, sum(max(0, min(until_us + 1, :end_us) - max(started_us, :begin_us))) AS us
  FROM recording_spans
  GROUP BY hostname
), closed AS MATERIALIZED ( -- LIMIT -1: of many columns only these are worked out
  SELECT {by}, hostname, is_failure, closed_us,
         ends, is_client
  FROM chosen_ends
  WHERE closed_us >= :begin_us AND closed_us < :end_us
  LIMIT -1
), sides AS ( -- all clients of two ends, all their servers, and all with a peer elsewhere
  SELECT {by}, hostname, ends, iif(ends IS NULL, NULL, is_client) AS side,
         count(*) AS ended, sum(is_failure) AS failures,
         max(closed_us) FILTER (WHERE is_failure) AS last_us
  FROM closed
  GROUP BY {by}, hostname, ends, side
), counted AS ( -- where both sides are in the group, each connection counts once
  SELECT {by}, hostname, ends IS NOT NULL AS is_within,
         max(ended) AS ended, max(failures) AS failures, max(last_us) AS last_us
  FROM sides
  GROUP BY {by}, hostname, ends
), ended AS MATERIALIZED (
  SELECT {by}, hostname, sum(ended) AS ended, sum(failures) AS failures,
         sum(iif(is_within, failures, 0)) AS failures_within, max(last_us) AS last_us
  FROM counted
  GROUP BY {by}, hostname
)
SELECT hostname, {by}, failures, failures_within,
       failures * 100.0 -- all that ended with this reason have failed
         / iif('{by}' = 'outcome, error',
               (SELECT sum(ended) FROM ended e WHERE e.hostname = ended.hostname),
               ended) AS failed_percent,
       failures * 1e6 / (SELECT us FROM covered WHERE covered.hostname = ended.hostname)
         AS failures_per_second,
       last_us
FROM ended
WHERE failures > 0
ORDER BY failures DESC, last_us DESC, {by}, hostname
LIMIT :limit;
