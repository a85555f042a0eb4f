-- Runs of the recorder that are held more than once.
SELECT hostname, started_us
FROM recordings
GROUP BY host_id, boot_id, started_us
HAVING count(*) > 1;
