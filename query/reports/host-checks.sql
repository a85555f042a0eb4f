-- host-checks: what could the recorder see of its host, and what not?
--
-- One row for each part of the host, and of the recorder's rights, that it looked at when it
-- started; of each recording that overlaps the window, the newest first. ctrack-recorder --check
-- tells the same of a host before anything is recorded. Of an anonymized file, FOUND and COSTS are
-- empty.
--
-- column hostname: host
-- column recording_id: plain as RECORDING
-- column started_us: second; when the recording began
-- column part: text
-- column state: text; ok: all that is needed; less: the file lacks something for it
-- column found: text
-- column costs: text; what the file lacks
-- narrow started_us, costs
-- all rows
SELECT r.hostname, h.recording_id, s.started_us, h.part, h.state, h.found,
       nullif(h.costs, '') AS costs
FROM recording_spans s
JOIN recordings r ON r.id = s.recording_id
JOIN host_checks h ON h.recording_id = s.recording_id
WHERE s.started_us < :end_us AND s.until_us >= :begin_us
ORDER BY s.started_us DESC, h.recording_id DESC, h.state = 'ok', h.part
LIMIT :limit;
