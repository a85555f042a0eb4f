-- A line of Zeek's conn.log for each connection alive in the window that sent a segment:
-- a connect() that failed before (generation 0) was never on a network.
WITH ends AS (
  SELECT *, CASE direction WHEN 'active' THEN 1 WHEN 'passive' THEN 0
                           ELSE local_port > peer_port END AS is_orig
  FROM chosen_connections
  WHERE opened_us < :end_us AND alive_until_us >= :begin_us AND generation > 0
)
SELECT format('%d.%06d', opened_us / 1000000, opened_us % 1000000) AS ts,
       'C' || id AS uid,
       iif(is_orig, local_address, peer_address) AS "id.orig_h",
       iif(is_orig, local_port, peer_port) AS "id.orig_p",
       iif(is_orig, peer_address, local_address) AS "id.resp_h",
       iif(is_orig, peer_port, local_port) AS "id.resp_p",
       'tcp' AS proto, NULL AS service,
       iif(duration_us IS NULL, NULL,
           format('%d.%06d', duration_us / 1000000, duration_us % 1000000)) AS duration,
       iif(is_orig, bytes_sent, bytes_received) AS orig_bytes,
       iif(is_orig, bytes_received, bytes_sent) AS resp_bytes,
       CASE
         WHEN start_kind = 'preexisting' THEN 'OTH'
         WHEN outcome = 'refused' THEN 'REJ'
         WHEN established_us IS NULL THEN 'S0'
         WHEN outcome = 'closed' THEN 'SF'
         WHEN outcome IN ('reset', 'aborted') AND closed_by IN ('local', 'peer')
           THEN iif((closed_by = 'local') = is_orig, 'RSTO', 'RSTR')
         WHEN outcome IN ('reset', 'aborted') THEN 'OTH'
         ELSE 'S1'
       END AS conn_state,
       iif(is_orig, 'T', 'F') AS local_orig, iif(is_orig, 'F', 'T') AS local_resp,
       0 AS missed_bytes, NULL AS history,
       iif(is_orig, segs_sent, segs_received) AS orig_pkts, NULL AS orig_ip_bytes,
       iif(is_orig, segs_received, segs_sent) AS resp_pkts, NULL AS resp_ip_bytes,
       NULL AS tunnel_parents
FROM ends
ORDER BY opened_us, id;
