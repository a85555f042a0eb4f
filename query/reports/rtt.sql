-- rtt: how are the round trip times distributed?
--
-- One row for each power of two, over the samples stored in the window; below the table
-- their percentiles. With --by percentiles alone, one row for each peer, process or port,
-- the highest p99 first. Percentiles are exact: each is the shortest sample that so many
-- percent do not exceed. But of everything, where that is more than a million samples or
-- connections, or some were deleted, they are made of sums of minutes, and at most 3.2 %
-- off; stderr says so. With --by process these know programs only. The kernel gives a
-- sample once in a round trip, although it measures with each ACK. A recorder run with
-- --rtt off or a gap between samples stores fewer; those of all samples are in summary.
--
-- alias tcprtt, latency
-- by peer: hostname, peer_address; each peer address
-- by process: hostname, pid, comm, process_id; each process
-- by port: hostname, service_port; each port that was connected to, here or at a peer
-- by local: hostname, local_address; each address of this host
-- by connection: hostname, id, comm, local, peer; each connection
-- by host: hostname; all of a host in one row
--
-- column hostname: host; with --by
-- column rtt_from_us: duration; shortest round trip counted here
-- column rtt_to_us: duration; longest
-- column pid: plain; with --by process
-- column comm: text; with --by process and connection
-- column peer_address: text as PEER; with --by peer
-- column local_address: text as LOCAL; with --by local
-- column id: plain; with --by connection
-- column local: text; with --by connection
-- column peer: text; with --by connection
-- column service_port: plain as PORT; with --by port
-- column samples: count
-- column connections: count as CONNS; with --by: connections that have samples in the window
-- column rtt_min_us: duration; with --by
-- column rtt_avg_us: duration; with --by
-- column rtt_p50_us: duration; with --by: the median
-- column rtt_p90_us: duration; with --by
-- column rtt_p95_us: duration; with --by
-- column rtt_p99_us: duration; with --by
-- column rtt_max_us: duration; with --by
-- column process_id: hidden
-- narrow connections, rtt_p95_us, rtt_p90_us, rtt_min_us, pid, local, rtt_avg_us
-- bar samples
WITH RECURSIVE ends AS MATERIALIZED (
  SELECT CAST(log2(max(percentile_of(rtts, 0), 1)) AS INTEGER) AS first,
         CAST(log2(percentile_of(rtts, 100)) AS INTEGER) AS last
  FROM window_rtts WHERE rtts IS NOT NULL
), powers(power) AS (
  SELECT first FROM ends
  UNION ALL
  SELECT power + 1 FROM powers WHERE power < (SELECT last FROM ends)
)
SELECT CASE power WHEN 0 THEN 0 ELSE 1 << power END AS rtt_from_us,
       (2 << power) - 1 AS rtt_to_us,
       count_of(rtts, CASE power WHEN 0 THEN 0 ELSE 1 << power END, (2 << power) - 1) AS samples
FROM window_rtts, powers
ORDER BY power;
-- by
WITH taken AS ( -- LIMIT -1: of many columns only these are worked out
  SELECT connection_id, rtt_us FROM chosen_rtt_samples
  WHERE time_us >= :begin_us AND time_us < :end_us
  LIMIT -1
), measured AS MATERIALIZED ( -- by connection first: each is looked up once, and little is sorted
  SELECT connection_id, distribution(rtt_us) AS rtts
  FROM taken
  GROUP BY connection_id
), told AS (
  SELECT {by}, rtts
  FROM measured m
  CROSS JOIN connection_facts c ON c.file_number = file_of(m.connection_id)
                               AND c.id_in_file = id_in_file(m.connection_id)
  LIMIT -1
), grouped AS MATERIALIZED (
  SELECT {by}, distribution(rtts) AS rtts, count(*) AS connections
  FROM told
  GROUP BY {by}
)
SELECT {by}, count_of(rtts) AS samples, connections,
       percentile_of(rtts, 0) AS rtt_min_us, average_of(rtts) AS rtt_avg_us,
       percentile_of(rtts, 50) AS rtt_p50_us, percentile_of(rtts, 90) AS rtt_p90_us,
       percentile_of(rtts, 95) AS rtt_p95_us, percentile_of(rtts, 99) AS rtt_p99_us,
       percentile_of(rtts, 100) AS rtt_max_us
FROM grouped
ORDER BY rtt_p99_us DESC, samples DESC, {by}
LIMIT :limit;
-- shared window_rtts
SELECT rtts, average_of(rtts) AS rtt_avg_us
FROM (SELECT distribution(rtt_us) AS rtts
      FROM (SELECT rtt_us FROM chosen_rtt_samples
            WHERE time_us >= :begin_us AND time_us < :end_us
            LIMIT -1)); -- so that of many columns only this one is worked out
-- minutes shared window_rtts
SELECT distribution_of_buckets(rtts, rtt_min_us, rtt_max_us) AS rtts,
       sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us
FROM minutes
WHERE begin_us >= :begin_us - 60000000 AND begin_us < :end_us;
-- minutes by port, process
WITH told AS ( -- they know programs, but not their processes
  SELECT (SELECT max(hostname) FROM recording_spans) AS hostname, NULL AS pid, NULL AS process_id,
         nullif(comm, '') AS comm, service_port, rtts, rtt_min_us, rtt_max_us, rtt_sum_us, rtt_samples
  FROM minutes
  WHERE rtt_samples > 0 AND begin_us >= :begin_us - 60000000 AND begin_us < :end_us
), grouped AS MATERIALIZED (
  SELECT {by}, distribution_of_buckets(rtts, rtt_min_us, rtt_max_us) AS rtts,
         sum(rtt_sum_us) * 1.0 / sum(rtt_samples) AS rtt_avg_us
  FROM told
  GROUP BY {by}
)
SELECT {by}, count_of(rtts) AS samples, NULL AS connections,
       percentile_of(rtts, 0) AS rtt_min_us, rtt_avg_us,
       percentile_of(rtts, 50) AS rtt_p50_us, percentile_of(rtts, 90) AS rtt_p90_us,
       percentile_of(rtts, 95) AS rtt_p95_us, percentile_of(rtts, 99) AS rtt_p99_us,
       percentile_of(rtts, 100) AS rtt_max_us
FROM grouped
ORDER BY rtt_p99_us DESC, samples DESC, {by}
LIMIT :limit;
-- footer
-- column samples: count
-- column rtt_min_us: duration
-- column rtt_avg_us: duration
-- column rtt_p50_us: duration as rtt p50 (median)
-- column rtt_p90_us: duration
-- column rtt_p95_us: duration
-- column rtt_p99_us: duration
-- column rtt_max_us: duration
SELECT count_of(rtts) AS samples,
       percentile_of(rtts, 0) AS rtt_min_us, rtt_avg_us,
       percentile_of(rtts, 50) AS rtt_p50_us, percentile_of(rtts, 90) AS rtt_p90_us,
       percentile_of(rtts, 95) AS rtt_p95_us, percentile_of(rtts, 99) AS rtt_p99_us,
       percentile_of(rtts, 100) AS rtt_max_us
FROM window_rtts;
