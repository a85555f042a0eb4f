// SPDX-License-Identifier: Apache-2.0
#include "recorder/traffic_merge.h"

#include "recorder/sql_bind.h"

namespace ctrack {

namespace {

// At once: some 20 ms. As many as one commit may append, so that they never pile up.
constexpr std::int64_t most_rows = 8192;

constexpr const char* bounds = R"sql(
SELECT coalesce((SELECT min(id) FROM traffic_recent), 1),
       coalesce((SELECT max(id) FROM traffic_recent), 0))sql";

constexpr const char* insert_keys = R"sql(
INSERT OR IGNORE INTO traffic_sums (begin_us, comm, peer_address, service_port, direction, pid)
SELECT DISTINCT t.begin_us, coalesce(p.comm, ''), t.peer_address, t.service_port, t.direction, p.pid
FROM traffic_recent t LEFT JOIN processes p ON p.id = t.process_id
WHERE t.id < ?
ORDER BY 1, 2, 3, 4, 5)sql";

constexpr const char* add_sums = R"sql(
UPDATE traffic_sums AS s SET
  pid = iif(n.processes = 1 AND n.pid = s.pid, s.pid, NULL),
  connections = s.connections + n.connections,
  opened = s.opened + n.opened,
  closed = s.closed + n.closed,
  refused = s.refused + n.refused,
  timeout = s.timeout + n.timeout,
  unreachable = s.unreachable + n.unreachable,
  reset = s.reset + n.reset,
  aborted = s.aborted + n.aborted,
  lost = s.lost + n.lost,
  bytes_sent = s.bytes_sent + n.bytes_sent,
  bytes_received = s.bytes_received + n.bytes_received,
  retrans_segs = s.retrans_segs + n.retrans_segs,
  rtt_samples = s.rtt_samples + n.rtt_samples,
  rtt_sum_us = s.rtt_sum_us + n.rtt_sum_us,
  rtt_min_us = min(coalesce(s.rtt_min_us, n.rtt_min_us), coalesce(n.rtt_min_us, s.rtt_min_us)),
  rtt_max_us = max(coalesce(s.rtt_max_us, n.rtt_max_us), coalesce(n.rtt_max_us, s.rtt_max_us))
FROM (SELECT t.begin_us, coalesce(p.comm, '') AS comm, t.peer_address, t.service_port, t.direction,
             min(p.pid) AS pid, count(DISTINCT t.process_id) AS processes,
             sum(t.connections) AS connections, sum(t.opened) AS opened, sum(t.closed) AS closed,
             sum(t.refused) AS refused, sum(t.timeout) AS timeout,
             sum(t.unreachable) AS unreachable, sum(t.reset) AS reset, sum(t.aborted) AS aborted,
             sum(t.lost) AS lost, sum(t.bytes_sent) AS bytes_sent,
             sum(t.bytes_received) AS bytes_received, sum(t.retrans_segs) AS retrans_segs,
             sum(t.rtt_samples) AS rtt_samples, sum(t.rtt_sum_us) AS rtt_sum_us,
             min(t.rtt_min_us) AS rtt_min_us, max(t.rtt_max_us) AS rtt_max_us
      FROM traffic_recent t LEFT JOIN processes p ON p.id = t.process_id
      WHERE t.id < ?
      GROUP BY 1, 2, 3, 4, 5) AS n
WHERE s.begin_us = n.begin_us AND s.comm = n.comm AND s.peer_address = n.peer_address
  AND s.service_port = n.service_port AND s.direction = n.direction)sql";

constexpr const char* add_processes = R"sql(
INSERT INTO process_sums
SELECT process_id, sum(connections), sum(opened),
       sum(refused + timeout + unreachable + reset + aborted), sum(bytes_sent),
       sum(bytes_received), sum(rtt_samples), sum(rtt_sum_us), max(rtt_max_us)
FROM traffic_recent
WHERE id < ? AND process_id IN (SELECT id FROM processes)
GROUP BY process_id
ON CONFLICT (process_id) DO UPDATE SET
  connections = connections + excluded.connections,
  opened = opened + excluded.opened,
  failed = failed + excluded.failed,
  bytes_sent = bytes_sent + excluded.bytes_sent,
  bytes_received = bytes_received + excluded.bytes_received,
  rtt_samples = rtt_samples + excluded.rtt_samples,
  rtt_sum_us = rtt_sum_us + excluded.rtt_sum_us,
  rtt_max_us = max(coalesce(rtt_max_us, excluded.rtt_max_us),
                   coalesce(excluded.rtt_max_us, rtt_max_us)))sql";

} // namespace

TrafficMerge::TrafficMerge(SQLite::Database& db)
    : bounds_(db, bounds), insert_keys_(db, insert_keys), add_sums_(db, add_sums),
      add_processes_(db, add_processes), erase_(db, "DELETE FROM traffic_recent WHERE id < ?") {}

void TrafficMerge::look() {
    bounds_.tryReset();
    bounds_.executeStep();
    first_id_ = bounds_.getColumn(0).getInt64();
    recent_ = bounds_.getColumn(1).getInt64() - first_id_ + 1;
    bounds_.reset();
    looked_ = true;
}

void TrafficMerge::step(std::int64_t appended) {
    recent_ += appended;
    if (!looked_)
        look();
    if (recent_ >= most_rows)
        merge(first_id_ + most_rows);
}

void TrafficMerge::merge(std::int64_t before_id) {
    for (SQLite::Statement* statement : {&insert_keys_, &add_sums_, &add_processes_, &erase_}) {
        bind_all(*statement, before_id);
        statement->exec();
    }
    look();
}

} // namespace ctrack
