-- What this file is; of what was cut before, the common part.
SELECT s.recording_id, max(s.started_us, :begin_us) AS begin_us,
       min(coalesce(cut.end_us, s.until_us + 1), :end_us) AS end_us, :made_us AS made_us,
       :is_filtered OR coalesce(cut.is_filtered, 0) AS is_filtered,
       :is_anonymized OR coalesce(cut.is_anonymized, 0) AS is_anonymized
FROM recording_spans s LEFT JOIN snapshots cut ON cut.recording_id = s.recording_id
WHERE s.started_us < :end_us AND s.until_us >= :begin_us;
