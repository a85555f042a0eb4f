// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sums/traffic_merge.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "recorder/fold/names.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr const char* update_day = R"sql(
UPDATE traffic_sums SET
  pid = iif(pid = ?6, pid, NULL), connections = connections + ?7, opened = opened + ?8,
  closed = closed + ?9, refused = refused + ?10, timeout = timeout + ?11,
  unreachable = unreachable + ?12, reset = reset + ?13, aborted = aborted + ?14,
  repair = repair + ?15, lost = lost + ?16,
  bytes_sent = bytes_sent + ?17, bytes_received = bytes_received + ?18,
  retrans_segs = retrans_segs + ?19, rtt_samples = rtt_samples + ?20, rtt_sum_us = rtt_sum_us + ?21,
  rtt_min_us = min(coalesce(rtt_min_us, ?22), coalesce(?22, rtt_min_us)),
  rtt_max_us = max(coalesce(rtt_max_us, ?23), coalesce(?23, rtt_max_us))
WHERE begin_us = ?1 AND comm = ?2 AND peer_address = ?3 AND service_port = ?4
  AND direction = ?5)sql";

constexpr const char* insert_day = R"sql(
INSERT INTO traffic_sums (begin_us, comm, peer_address, service_port, direction, pid,
  connections, opened, closed, refused, timeout, unreachable, reset, aborted, repair, lost,
  bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

using Sum = RecentTraffic::Sums::value_type;

std::vector<const Sum*> in_the_order_of_the_table(const RecentTraffic::Sums& sums) {
    std::vector<const Sum*> sorted;
    sorted.reserve(sums.size());
    for (const auto& sum : sums)
        sorted.push_back(&sum);
    const auto place = [](const Sum* sum) {
        return std::tie(sum->second.owner.comm, sum->second.peer_address, sum->first.service_port);
    };
    std::sort(sorted.begin(), sorted.end(),
              [&](const Sum* a, const Sum* b) { return place(a) < place(b); });
    return sorted;
}

} // namespace

TrafficMerge::TrafficMerge(SQLite::Database& db)
    : update_day_(db, update_day), insert_day_(db, insert_day) {}

std::int64_t TrafficMerge::merge(const RecentTraffic& recent) {
    std::int64_t rows = 0;
    for (const Sum* sum : in_the_order_of_the_table(recent.sums()))
        rows += add_to_day(recent.begin_us(), sum->first, sum->second);
    return rows;
}

bool TrafficMerge::add_to_day(std::int64_t begin_us, const TrafficKey& key, const RecentSum& sum) {
    const auto run = [&](SQLite::Statement& statement) {
        bind_all(statement, begin_us, sum.owner.comm, sum.peer_address, int{key.service_port},
                 direction_name(key.direction), sum.owner.pid);
        bind_amounts(statement, 7, sum.amounts);
        return statement.exec();
    };
    return run(update_day_) == 0 && run(insert_day_) == 1;
}

} // namespace ctrack
