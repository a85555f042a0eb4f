-- Run in a new file whose connections are there: where to look for those of a time.
INSERT INTO connection_blocks
SELECT id / 1024, min(opened_us), max(opened_us) FROM connections GROUP BY id / 1024;
INSERT INTO long_connections
SELECT id, closed_us FROM connections WHERE closed_us IS NULL OR closed_us - opened_us > 600000000;
