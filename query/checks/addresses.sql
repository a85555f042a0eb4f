-- addresses: what should be an address or a port is one
WITH broken(what, id) AS (
  SELECT 'connections', id
  FROM connections
  WHERE local_address IS NOT NULL AND in_network(local_address, '::/0') IS NULL
     OR peer_address IS NOT NULL AND in_network(peer_address, '::/0') IS NULL
     OR requested_address IS NOT NULL AND in_network(requested_address, '::/0') IS NULL
     OR nat_local_address IS NOT NULL AND in_network(nat_local_address, '::/0') IS NULL
     OR nat_peer_address IS NOT NULL AND in_network(nat_peer_address, '::/0') IS NULL
     OR local_port NOT BETWEEN 0 AND 65535 OR peer_port NOT BETWEEN 0 AND 65535
     OR requested_port NOT BETWEEN 0 AND 65535 OR nat_local_port NOT BETWEEN 0 AND 65535
     OR nat_peer_port NOT BETWEEN 0 AND 65535
  UNION ALL
  SELECT 'listeners', id
  FROM listeners
  WHERE in_network(local_address, '::/0') IS NULL OR local_port NOT BETWEEN 0 AND 65535
  UNION ALL
  SELECT 'sums of traffic', NULL
  FROM traffic
  WHERE peer_address <> '' AND in_network(peer_address, '::/0') IS NULL
     OR service_port NOT BETWEEN 0 AND 65535
  UNION ALL
  SELECT 'minutes', id
  FROM minutes
  WHERE service_port NOT BETWEEN 0 AND 65535
)
SELECT 'wrong' AS status,
       format('%d %s have an address or port that is none', count(*), what)
         || iif(min(id), format('; the first is %d', min(id)), '') AS finding,
       NULL AS begin_us, NULL AS end_us
FROM broken
GROUP BY what;
