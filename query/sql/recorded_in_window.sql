-- How long of the window was recorded, by one recording or several at once.
SELECT coalesce(sum(max(0, min(until_us, :end_us) - max(started_us, :begin_us))), 0)
FROM recording_spans
WHERE started_us < :end_us AND until_us >= :begin_us;
