-- The chosen connections, with what tells those within this host:
--   ends       what both ends of a connection have in common, if the peer is on this host; else NULL
--   is_client  1 at the end that connected; where nobody knows that, at the higher port
-- Reports count a connection within the host once where both its ends are in one row.
SELECT c.*,
       iif((hostname, pair_peer_address) IN (SELECT hostname, local_address
                                             FROM temp.local_addresses),
           min(pair_local_address || ' ' || pair_local_port,
               pair_peer_address || ' ' || pair_peer_port) || ' '
           || max(pair_local_address || ' ' || pair_local_port,
                  pair_peer_address || ' ' || pair_peer_port), NULL) AS ends,
       CASE direction WHEN 'active' THEN 1 WHEN 'passive' THEN 0
                      ELSE local_port > peer_port END AS is_client
FROM temp.chosen_connections c
