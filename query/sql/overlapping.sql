-- Of which hosts two recorders recorded the same sockets at one time within the window, and when.
-- A cgroup holds those below it. Of one file it is not asked unless :in_one_file, because within
-- one recorder's file times may overlap only if the clock was set.
SELECT a.hostname, min(max(a.started_us, b.started_us, :begin_us)) AS begin_us,
       max(min(a.until_us, b.until_us, :end_us - 1)) AS end_us
FROM temp.recording_spans a JOIN recordings r ON r.id = a.recording_id
JOIN temp.recording_spans b ON b.recording_id > a.recording_id
JOIN recordings other ON other.id = b.recording_id
  AND other.host_id = r.host_id AND other.boot_id = r.boot_id AND other.started_us <> r.started_us
WHERE (:in_one_file OR a.file_number <> b.file_number)
  AND max(a.started_us, b.started_us, :begin_us) < min(a.until_us, b.until_us, :end_us - 1)
  AND (instr(r.cgroup_path || '/', other.cgroup_path || '/') = 1
       OR instr(other.cgroup_path || '/', r.cgroup_path || '/') = 1)
GROUP BY r.host_id, r.boot_id;
