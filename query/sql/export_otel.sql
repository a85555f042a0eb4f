-- Each connection alive in the window under the attribute names of OpenTelemetry's
-- semantic conventions; what these have no name for is under ctrack.
SELECT strftime('%Y-%m-%dT%H:%M:%S', c.opened_us / 1000000, 'unixepoch')
         || format('.%06dZ', c.opened_us % 1000000) AS "timestamp",
       r.host_id AS "host.id", c.hostname AS "host.name",
       'tcp' AS "network.transport",
       CASE c.family WHEN 4 THEN 'ipv4' WHEN 6 THEN 'ipv6' END AS "network.type",
       c.local_address AS "network.local.address", c.local_port AS "network.local.port",
       c.peer_address AS "network.peer.address", c.peer_port AS "network.peer.port",
       CASE c.direction WHEN 'active' THEN c.local_address WHEN 'passive' THEN c.peer_address END
         AS "client.address",
       CASE c.direction WHEN 'active' THEN c.local_port WHEN 'passive' THEN c.peer_port END
         AS "client.port",
       CASE c.direction WHEN 'active' THEN c.peer_address WHEN 'passive' THEN c.local_address END
         AS "server.address",
       CASE c.direction WHEN 'active' THEN c.peer_port WHEN 'passive' THEN c.local_port END
         AS "server.port",
       c.pid AS "process.pid", c.comm AS "process.executable.name",
       c.exe AS "process.executable.path", c.cmdline AS "process.command_line",
       c.uid AS "process.user.id", c.cgroup_path AS "process.linux.cgroup",
       c.container_id AS "container.id", c.error AS "error.type",
       c.id AS "ctrack.connection.id", c.direction AS "ctrack.direction",
       c.outcome AS "ctrack.outcome", c.closed_by AS "ctrack.closed_by",
       c.systemd_unit AS "ctrack.systemd.unit",
       c.systemd_user_unit AS "ctrack.systemd.user_unit",
       c.opened_us AS "ctrack.opened_us", c.closed_us AS "ctrack.closed_us",
       c.duration_us AS "ctrack.duration_us", c.connect_us AS "ctrack.connect_us",
       c.bytes_sent AS "ctrack.bytes_sent", c.bytes_received AS "ctrack.bytes_received",
       c.retrans_segs AS "ctrack.retrans_segs", c.rtt_min_us AS "ctrack.rtt_min_us",
       c.rtt_avg_us AS "ctrack.rtt_avg_us", c.rtt_max_us AS "ctrack.rtt_max_us",
       c.rtt_samples AS "ctrack.rtt_samples"
FROM chosen_connections c JOIN recordings r ON r.id = c.recording_id
WHERE c.opened_us < :end_us AND c.alive_until_us >= :begin_us
ORDER BY c.opened_us, c.id;
