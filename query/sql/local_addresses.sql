-- The addresses of each host that connections of the window have.
SELECT DISTINCT hostname, local_address
FROM (SELECT hostname, local_address FROM temp.window_connections
      LIMIT -1) -- so that of many columns only these are worked out
WHERE local_address IS NOT NULL
