-- references: what a row refers to is there
SELECT 'wrong' AS status,
       format('%d of %s refer to %s that are not there', count(*), "table", parent) AS finding
FROM pragma_foreign_key_check
GROUP BY "table", parent;
