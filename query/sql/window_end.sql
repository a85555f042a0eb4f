-- Without -e a window ends with what was recorded, that moment included.
SELECT max(until_us) + 1 FROM temp.recording_spans;
