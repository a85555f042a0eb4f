-- The time that each recording covers. While a recording runs, that is until now. It surely runs if
-- it began in this boot, its last commit is no older than three heartbeats, and the file has a log
-- beside it; else it is `silent`,
-- and known until its last commit, as one that was killed is. Of one that was cut, only the window
-- is covered; if that is not all of it, the file holds a part, which is_part says.
SELECT raised(id) AS recording_id, hostname, {number} AS file_number,
       max(started_us, coalesce(begin_us, started_us)) AS started_us,
       min(iif(is_running, now_us, last_us), coalesce(end_us, 9223372036854775807)) AS until_us,
       iif(end_kind = 'running' AND NOT is_running, 'silent', end_kind) AS end_kind,
       end_us IS NOT NULL AS is_cut,
       coalesce(begin_us > started_us OR end_us <= last_us, FALSE) AS is_part
FROM (SELECT id, hostname, started_us, end_kind, begin_us, end_us, now_us, last_us,
             end_kind = 'running' AND is_logged(iif({number} = 0, 'main', 'file{number}'))
                  AND coalesce(now_us - last_us BETWEEN 0 AND 3 * heartbeat_interval_us, FALSE) AS is_running
      FROM (SELECT r.id, r.hostname, r.started_us, r.end_kind, r.heartbeat_interval_us,
                   cut.begin_us, cut.end_us,
                   now_in_boot(r.boot_id, r.clock_offset_us) AS now_us,
                   coalesce(r.ended_us,
                            max(r.started_us, r.heartbeat_us,
                                coalesce((SELECT committed_us FROM {file}batches
                                          WHERE recording_id = r.id ORDER BY id DESC LIMIT 1), 0)))
                     AS last_us
            FROM {file}recordings r LEFT JOIN {file}snapshots cut ON cut.recording_id = r.id))
