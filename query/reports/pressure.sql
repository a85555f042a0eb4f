-- turned-away: how many attempts to connect did this host turn away without a row?
--
-- One row for each count in which there is something, the newest first. No socket of its own
-- tells of a SYN that is dropped, or answered by a reset as nobody listens. So these are
-- the kernel's own counters, read every ten seconds, of the network namespace that the
-- recorder is in. They name no peer, port or process.
--
-- alias backlog
--
-- column hostname: host
-- column committed_us: time as TIME; of the commit: it happened in the ten seconds before it was due
-- column resets_sent: count as RESETS; sent, to SYNs for closed ports and also to connections, which have rows
-- column listen_overflows: count as OVERFLOWS; SYNs and handshakes held up: the accept queue of a listener was full
-- column listen_drops: count as DROPS; SYNs and handshakes dropped at listeners, the overflows included
-- column syn_queue_drops: count as SYN_DROPS; SYNs dropped: too many connections were half-open
-- column syn_cookies_sent: count as COOKIES; SYNs answered by a cookie: too many were half-open
-- column batch_id: hidden; of the commit
-- column recording_id: hidden as RECORDING
SELECT s.hostname, b.committed_us, b.resets_sent, b.listen_overflows, b.listen_drops,
       b.syn_queue_drops, b.syn_cookies_sent, b.id AS batch_id, b.recording_id
FROM batches b JOIN recording_spans s ON s.recording_id = b.recording_id
WHERE b.committed_us >= :begin_us AND b.committed_us < :end_us
  AND b.resets_sent + b.listen_overflows + b.listen_drops + b.syn_queue_drops
      + b.syn_cookies_sent > 0
ORDER BY b.committed_us DESC, b.id DESC
LIMIT :limit;
