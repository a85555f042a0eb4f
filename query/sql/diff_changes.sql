-- What differs between the tables before_side and after_side, which hold rows of diff_side.sql. If
-- the sides did not record for the same time, differences of counts and bytes are as if the first
-- had lasted as long as the second. A peer that one side alone knows gets a kind of its own. An RTT
-- counts if both sides know it.
-- significance is the change against its own size: the difference by the root of the sum of both
-- values. Of failures that is how many standard deviations it is, if they come by chance (Poisson);
-- a value that is taken times x because it was counted for a shorter time varies x times as much.
WITH both AS (
  SELECT kind, comm, peer_address, outcome, sum(before) AS before, sum(after) AS after
  FROM (SELECT kind, comm, peer_address, outcome, value AS before, NULL AS after FROM before_side
        UNION ALL
        SELECT kind, comm, peer_address, outcome, NULL, value FROM after_side)
  GROUP BY kind, comm, peer_address, outcome
), measured AS (
  SELECT *, kind GLOB 'rtt*' AS is_rtt,
         iif(kind GLOB 'rtt*' OR :before_us = 0, 1.0, 1.0 * :after_us / :before_us) AS scale
  FROM both
), scaled AS (
  SELECT *, coalesce(after, 0) AS found, coalesce(before, 0) * scale AS expected FROM measured
), changes AS (
  SELECT CASE WHEN kind = 'bytes' AND before IS NULL THEN 'new_peer'
              WHEN kind = 'bytes' AND after IS NULL THEN 'gone_peer' ELSE kind END AS kind,
         comm, peer_address, outcome, before, after, found - expected AS difference,
         iif(expected > 0, found / expected, NULL) AS factor,
         coalesce((found - expected) / sqrt(nullif(found + expected * scale, 0)), 0.0) AS significance
  FROM scaled
  WHERE (found <> expected OR kind = 'bytes' AND before + after IS NULL)
    AND (NOT is_rtt OR before + after IS NOT NULL)
)
SELECT kind, nullif(comm, '') AS comm, nullif(peer_address, '') AS peer_address,
       nullif(outcome, '') AS outcome, before, after, difference, factor, significance
FROM changes
ORDER BY CASE WHEN kind = 'failures' THEN 0 WHEN kind GLOB 'rtt*' THEN 1 WHEN kind = 'bytes' THEN 2
              WHEN kind = 'new_peer' THEN 3 ELSE 4 END,
         abs(significance) DESC, changes.kind, changes.comm, changes.peer_address, changes.outcome;
