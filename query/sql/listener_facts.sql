-- A listening socket with its owner, as connection_facts.sql has it of a connection.
SELECT {columns:listeners}, p.pid, p.comm, p.exe, p.cmdline, s.hostname,
       (SELECT path FROM {file}cgroups WHERE id = c.cgroup_id) AS cgroup_path,
       (SELECT container_id FROM {file}cgroups WHERE id = c.cgroup_id) AS container_id,
       (SELECT systemd_unit FROM {file}cgroups WHERE id = c.cgroup_id) AS systemd_unit,
       (SELECT systemd_slice FROM {file}cgroups WHERE id = c.cgroup_id) AS systemd_slice,
       (SELECT systemd_user_unit FROM {file}cgroups WHERE id = c.cgroup_id) AS systemd_user_unit,
       NULL AS peer_address, NULL AS peer_port, -- a listener has no peer
       c.local_address || coalesce('%' || coalesce(c.interface, c.ifindex), '') AS scoped_local,
       NULL AS scoped_peer,
       iif(c.family = 6, '[', '') || c.local_address
         || coalesce('%' || coalesce(c.interface, c.ifindex), '')
         || iif(c.family = 6, ']:', ':') || c.local_port AS local,
       coalesce(c.closed_us, s.until_us) AS until_us
FROM {file}listeners c
CROSS JOIN temp.recording_spans s ON s.recording_id = raised(c.recording_id)
CROSS JOIN {file}processes p ON p.id = c.process_id
