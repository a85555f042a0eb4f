-- failures: which connections failed or broke, and why?
--
-- One row for each connection that was refused, timed out, could not reach its
-- peer, was given up (aborted) or cut off (reset) within the window; newest
-- first. One whose end the recorder did not see (outcome lost) is no failure.
--
-- column closed_us: time as TIME; when it failed
-- column pid: plain; - if the owner is not known
-- column comm: text
-- column local: text; address:port of this host
-- column peer: text; address:port of the other end
-- column outcome: text; refused, timeout, unreachable, aborted, reset
-- column error: text; name of the errno, - if there was none
-- column duration_us: duration as AFTER; since it was opened
-- column was_established: hidden; 1 if it broke after the handshake, else 0
-- column id: hidden; of the connection
-- column direction: hidden
-- column opened_us: hidden
-- column closed_by: hidden
-- column bytes_sent: hidden
-- column bytes_received: hidden
-- column retrans_segs: hidden
SELECT closed_us, pid, comm, local, peer, outcome, error, duration_us,
       established_us IS NOT NULL AS was_established,
       id, direction, opened_us, closed_by, bytes_sent, bytes_received, retrans_segs
FROM connections_about_window
WHERE is_failure AND closed_us >= :begin_us AND closed_us < :end_us
ORDER BY closed_us DESC, id DESC
LIMIT :limit;
