-- The recordings that have no end though nobody writes them, and that end within the window: their
-- recorder was killed, or the file is a copy of one that was being written.
SELECT hostname, until_us, file_number
FROM temp.recording_spans
WHERE end_kind = 'silent' AND NOT is_cut AND until_us < :end_us;
