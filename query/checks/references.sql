-- references: what a row refers to is there
SELECT 'wrong' AS status,
       format('%d of %s refer to %s that are not there', count(*), "table", parent) AS finding,
       NULL AS begin_us, NULL AS end_us
FROM pragma_foreign_key_check
GROUP BY "table", parent
UNION ALL
SELECT 'wrong', format('%d RTT samples are of a state that is not there', count(*)), NULL, NULL
FROM rtt_samples WHERE state NOT IN (SELECT id FROM tcp_states)
HAVING count(*) > 0;
