-- For verify: the connections whose end was seen. is_whole: their recording was not cut, and nothing
-- was lost while they lived; retention may have deleted some of their rows.
WITH holes AS MATERIALIZED (
  SELECT recording_id, from_us, to_us FROM losses
)
SELECT c.id, c.opened_us, c.closed_us, c.start_kind, c.rtt_samples, c.rtt_min_us, c.rtt_max_us,
       c.rtt_sum_us, r.started_us, r.rtt_mode,
       c.recording_id NOT IN (SELECT recording_id FROM snapshots)
         AND NOT EXISTS (SELECT * FROM holes h
                         WHERE h.recording_id = c.recording_id AND h.to_us >= c.opened_us
                           AND h.from_us <= c.closed_us) AS is_whole
FROM connections c JOIN recordings r ON r.id = c.recording_id
WHERE c.outcome NOT IN ('open', 'lost')
