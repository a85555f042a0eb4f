-- Of several files, the newest events of each: as many as a report shows, without checkpoints, of
-- the window and of the connections that the filter takes. SQLite reads them from the newest
-- backwards and stops there.
SELECT * FROM (
{events}  AND r.time_us >= (SELECT begin_us FROM temp.window)
  AND r.time_us < (SELECT end_us FROM temp.window)
  AND r.kind <> (SELECT id FROM {file}event_kinds WHERE name = 'checkpoint')
  AND {is_taken}
ORDER BY r.id DESC LIMIT (SELECT newest_rows FROM temp.window))
