-- What differs between the tables before_side and after_side, which hold rows of diff_side.sql. If
-- the sides did not record for the same time, differences of counts and bytes are as if the first
-- had lasted as long as the second. A peer that one side alone knows gets a kind of its own. An RTT
-- counts if both sides know it.
WITH both AS (
  SELECT kind, comm, peer_address, outcome, sum(before) AS before, sum(after) AS after
  FROM (SELECT kind, comm, peer_address, outcome, value AS before, NULL AS after FROM before_side
        UNION ALL
        SELECT kind, comm, peer_address, outcome, NULL, value FROM after_side)
  GROUP BY kind, comm, peer_address, outcome
), measured AS (
  SELECT *, kind GLOB 'rtt*' AS is_rtt, coalesce(after, 0) AS found,
         coalesce(before, 0) * iif(kind GLOB 'rtt*' OR :before_us = 0, 1.0,
                                   1.0 * :after_us / :before_us) AS expected
  FROM both
), named AS (
  SELECT CASE WHEN kind = 'bytes' AND before IS NULL THEN 'new_peer'
              WHEN kind = 'bytes' AND after IS NULL THEN 'gone_peer' ELSE kind END AS kind,
         comm, peer_address, outcome, before, after, found - expected AS difference,
         iif(expected > 0, round(found / expected * 1000) / 1000, NULL) AS factor, is_rtt
  FROM measured
), changes AS (
  SELECT *, CASE WHEN is_rtt THEN 1 WHEN kind = 'failures' THEN 0 WHEN kind = 'bytes' THEN 2
                 WHEN kind = 'new_peer' THEN 3 ELSE 4 END AS place
  FROM named
  WHERE (difference <> 0 OR kind IN ('new_peer', 'gone_peer'))
    AND (NOT is_rtt OR before + after IS NOT NULL)
), numbered AS (
  SELECT *, row_number() OVER (PARTITION BY kind ORDER BY abs(difference) DESC, comm, peer_address,
                                                          outcome) AS number
  FROM changes
)
SELECT kind, nullif(comm, '') AS comm, nullif(peer_address, '') AS peer_address,
       nullif(outcome, '') AS outcome, before, after, difference, factor
FROM numbered
WHERE :limit < 0 OR number <= :limit
ORDER BY place, abs(difference) DESC, numbered.kind, numbered.comm, numbered.peer_address,
         numbered.outcome;
