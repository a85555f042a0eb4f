-- integrity: pages and indexes are whole
SELECT 'wrong' AS status, integrity_check AS finding
FROM pragma_integrity_check
WHERE integrity_check <> 'ok';
