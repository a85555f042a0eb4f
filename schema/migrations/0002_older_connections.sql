-- Schema 2: connections older than the recorder, and the congestion control.
--
-- SQLite keeps the text of an added column, so its comment is one of this kind.

ALTER TABLE recordings ADD COLUMN
  adoption TEXT /* how connections older than the recording are seen: callbacks = like all
                   others; state tracepoint = their end but no RTT (before Linux 6.12) */
  CHECK (adoption IN ('callbacks', 'state tracepoint'));

ALTER TABLE connections ADD COLUMN
  congestion TEXT /* name of the congestion control: cubic, bbr, ... */;

DROP VIEW connection_log;
CREATE VIEW connection_log AS -- one line per connection
SELECT c.id,
       strftime('%Y-%m-%dT%H:%M:%S', c.opened_us / 1000000, 'unixepoch')
         || printf('.%06dZ', c.opened_us % 1000000)  AS opened,
       strftime('%Y-%m-%dT%H:%M:%S', c.closed_us / 1000000, 'unixepoch')
         || printf('.%06dZ', c.closed_us % 1000000)  AS closed,
       c.direction, p.pid, p.comm, p.exe, p.cmdline, c.uid, c.pid_source,
       c.family, c.local_address, c.local_port, c.peer_address, c.peer_port,
       c.outcome, e.name AS error, c.closed_by, c.start_kind,
       c.connect_us, c.duration_us,
       c.rtt_min_us, c.rtt_avg_us, c.rtt_max_us, c.rtt_samples,
       c.bytes_sent, c.bytes_received, c.segs_sent, c.segs_received,
       c.retrans_segs, c.rtos, c.delivery_rate_bps, c.mss, c.congestion, c.netns,
       g.path AS cgroup_path, g.container_id, g.systemd_unit,
       r.hostname, c.opened_us, c.established_us, c.closed_us,
       c.process_id, c.cgroup_id, c.recording_id, c.cookie, c.generation
FROM connections c
JOIN recordings r ON r.id = c.recording_id
JOIN processes p ON p.id = c.process_id
JOIN cgroups g ON g.id = c.cgroup_id
LEFT JOIN errnos e ON e.id = c.errno;
