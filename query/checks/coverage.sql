-- coverage: what the file holds, and what is missing between
WITH spans AS MATERIALIZED (
  SELECT s.recording_id, s.hostname, s.started_us, s.until_us, r.host_id, s.end_kind, s.is_cut, cut.is_filtered,
         max(s.until_us) OVER (PARTITION BY r.host_id ORDER BY s.started_us
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_us
  FROM recording_spans s
  JOIN recordings r ON r.id = s.recording_id
  LEFT JOIN snapshots cut ON cut.recording_id = s.recording_id
), found AS (
  SELECT 1 AS place, 'ok' AS status,
         format('%s: recording %d%s', hostname, recording_id,
                iif(is_cut, ', a part cut out of it' || iif(is_filtered, ', some connections alone', ''),
                    '')) AS finding,
         started_us AS begin_us, until_us AS end_us
  FROM spans
  UNION ALL
  SELECT 2, 'note', format('%s: not recorded', hostname), before_us, started_us
  FROM spans WHERE started_us > before_us
  UNION ALL
  SELECT 3, 'note', format('%s: recording %d was cut short: its last commit interval is missing',
                           hostname, recording_id), until_us, until_us
  FROM spans WHERE end_kind = 'crashed' AND NOT is_cut
  UNION ALL
  SELECT 3, 'note', format('%s: recording %d goes on: the recorder runs', hostname, recording_id),
         until_us, NULL
  FROM spans WHERE end_kind = 'running' AND NOT is_cut
  UNION ALL
  SELECT 3, 'note', format('%s: recording %d has no end: the recorder was killed and not started '
                           || 'since, or this is a copy', hostname, recording_id),
         until_us, NULL
  FROM spans WHERE end_kind = 'silent' AND NOT is_cut
  UNION ALL
  SELECT 4, 'note', format('lost: %d %s%s (%s)', sum(lost), what, iif(sum(lost) = 1, '', 's'), why),
         min(from_us), max(to_us)
  FROM losses GROUP BY recording_id, cause
  UNION ALL
  SELECT 5, 'note', format('%s before this were deleted: %d rows', what, deleted_rows), NULL,
         kept_from_us
  FROM kept WHERE kept_from_us IS NOT NULL
)
SELECT status, finding, begin_us, end_us FROM found ORDER BY place, begin_us, end_us, finding;
