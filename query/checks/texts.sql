-- texts: names, paths and arguments are valid UTF-8
WITH broken(what, id) AS (
  SELECT 'recordings', id
  FROM recordings
  WHERE NOT (is_utf8(host_id) AND is_utf8(hostname) AND is_utf8(boot_id) AND is_utf8(kernel)
             AND is_utf8(ctrack_version) AND is_utf8(cgroup_path) AND is_utf8(clock)
             AND is_utf8(rtt_mode) AND is_utf8(options))
  UNION ALL
  SELECT 'processes', id
  FROM processes
  WHERE NOT (is_utf8(comm) AND is_utf8(exe) AND is_utf8(cmdline))
  UNION ALL
  SELECT 'cgroups', id
  FROM cgroups
  WHERE NOT (is_utf8(path) AND is_utf8(container_id) AND is_utf8(systemd_unit)
             AND is_utf8(systemd_slice) AND is_utf8(systemd_user_unit))
  UNION ALL
  SELECT 'connections', id
  FROM connections
  WHERE NOT (is_utf8(interface) AND is_utf8(congestion) AND is_utf8(ulp))
  UNION ALL
  SELECT 'listeners', id
  FROM listeners
  WHERE NOT is_utf8(interface)
  UNION ALL
  SELECT 'sums of traffic', NULL
  FROM traffic
  WHERE NOT is_utf8(comm)
  UNION ALL
  SELECT 'minutes', id
  FROM minutes
  WHERE NOT is_utf8(comm)
)
SELECT 'wrong' AS status,
       format('%d %s have a text that is no UTF-8', count(*), what)
         || iif(min(id), format('; the first is %d', min(id)), '') AS finding,
       NULL AS begin_us, NULL AS end_us
FROM broken
GROUP BY what
UNION ALL
SELECT 'wrong', format('process %d has a text of more than 1 MiB, which no report shows', id), NULL, NULL
FROM processes
WHERE length(CAST(comm AS BLOB)) > 1048576 OR length(CAST(exe AS BLOB)) > 1048576
   OR length(CAST(cmdline AS BLOB)) > 1048576;
