-- losses: what was lost, when and why?
--
-- One row for each commit and cause of loss within the window, the newest first. It
-- happened between the commit before and this one. A ring loses records when more come
-- at once than it holds: a larger --ring-size helps, and against lost RTT samples --rtt
-- as well. After a lost event a connection may be missing, without a part of its events, or end as
-- lost; after a lost RTT sample the connection's own minimum, average and maximum
-- are still exact once it has closed.
--
-- alias lost
--
-- column hostname: host
-- column from_us: time; the commit before, or the start of the recording
-- column to_us: time; the commit that counted the loss
-- column lost: count; how many
-- column what: text; events, RTT samples, kernel callbacks, records
-- column why: text
-- column cause: text; as in the view loss_log
-- column batch_id: hidden; of the commit
-- column recording_id: hidden as RECORDING
-- narrow cause
-- losses
SELECT hostname, from_us, to_us, lost, what || 's' AS what, why, cause, batch_id, recording_id
FROM losses
WHERE to_us >= :begin_us AND from_us < :end_us
ORDER BY to_us DESC, batch_id DESC, place
LIMIT :limit;
