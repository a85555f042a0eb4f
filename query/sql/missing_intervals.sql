-- Why it is not known when the bytes of the window moved: from when on all intervals are kept, if it
-- begins before that, and when the first of its recordings began that has none. NULL: they are there.
SELECT (SELECT kept_from_us FROM temp.kept
        WHERE kind = 'intervals' AND kept_from_us > :begin_us) AS kept_from_us,
       (SELECT min(s.started_us)
        FROM temp.recording_spans s JOIN recordings r ON r.id = s.recording_id
        WHERE s.started_us < :end_us AND s.until_us >= :begin_us
          AND instr(char(10) || r.options || char(10), char(10) || 'interval=off' || char(10)))
         AS without_us;
