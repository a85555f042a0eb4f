-- One row per cause: how many, of what (singular), why.
WITH lost AS MATERIALIZED (
  SELECT sum(lost_sample_ring) AS sample_ring, sum(lost_lifecycle_ring) AS lifecycle_ring,
         sum(lost_no_storage) AS no_storage, sum(lost_decode_reject) AS decode_reject
  FROM temp.losses
  WHERE to_us >= :begin_us AND from_us < :end_us
)
SELECT count, what, cause
FROM (SELECT sample_ring AS count, 'RTT sample' AS what, 'sample ring full' AS cause FROM lost
      UNION ALL SELECT lifecycle_ring, 'event', 'lifecycle ring full' FROM lost
      UNION ALL SELECT no_storage, 'kernel callback', 'no memory for the socket' FROM lost
      UNION ALL SELECT decode_reject, 'record', 'not understood' FROM lost)
WHERE count > 0;
