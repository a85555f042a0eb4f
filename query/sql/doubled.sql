-- Runs of the recorder that several of the files hold.
SELECT hostname, started_us
FROM recordings
GROUP BY host_id, boot_id, started_us
HAVING count(*) > 1;
