-- integrity: pages and indexes are whole
SELECT 'wrong' AS status, integrity_check AS finding, NULL AS begin_us, NULL AS end_us
FROM pragma_integrity_check
WHERE integrity_check <> 'ok';
