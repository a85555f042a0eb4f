-- How the newest recording ended, if it did.
SELECT (SELECT end_kind FROM recordings ORDER BY id DESC LIMIT 1);
