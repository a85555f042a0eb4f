-- The intervals that overlap the window, as a whole. Those of one batch share their times, and stand
-- together in the order of these.
SELECT raised(r.id) AS id, raised(r.connection_id) AS connection_id, r.from_us, r.until_us,
       r.bytes_sent, r.bytes_received, r.segs_sent, r.segs_received, r.retrans_segs, r.busy_us,
       r.rwnd_limited_us, r.sndbuf_limited_us, {number} AS file_number
FROM {file}intervals r
WHERE r.until_us >= (SELECT begin_us FROM temp.window)
  AND r.from_us < (SELECT end_us FROM temp.window)
