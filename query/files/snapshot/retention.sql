-- What is deleted before the window begins is not missing in it.
SELECT *, iif(kept_from_us > :begin_us, kept_from_us, NULL) AS kept_from_us,
       iif(kept_from_us > :begin_us, deleted_rows, 0) AS deleted_rows
FROM retention;
