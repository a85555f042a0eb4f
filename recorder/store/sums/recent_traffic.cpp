// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sums/recent_traffic.h"

#include <algorithm>
#include <array>
#include <utility>

#include <arpa/inet.h>

#include "recorder/fold/address_text.h"
#include "recorder/fold/names.h"
#include "recorder/store/sqlite/bind.h"

namespace ctrack {

namespace {

constexpr const char* select_all = R"sql(
SELECT t.id, t.begin_us, t.process_id, t.peer_address, t.service_port, t.direction, p.comm, p.pid,
  t.connections, t.opened, t.closed, t.refused, t.timeout, t.unreachable, t.reset, t.aborted,
  t.repair, t.lost, t.bytes_sent, t.bytes_received, t.retrans_segs, t.rtt_samples, t.rtt_sum_us,
  t.rtt_min_us, t.rtt_max_us
FROM traffic_recent t LEFT JOIN processes p ON p.id = t.process_id)sql";

constexpr const char* replace = R"sql(
REPLACE INTO traffic_recent (id, begin_us, process_id, peer_address, service_port, direction,
  connections, opened, closed, refused, timeout, unreachable, reset, aborted, repair, lost,
  bytes_sent, bytes_received, retrans_segs, rtt_samples, rtt_sum_us, rtt_min_us, rtt_max_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql";

std::optional<std::int64_t> number(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getInt64());
}

std::string peer_text(const TrafficKey& key) {
    if (key.peer_address == std::array<unsigned char, 16>{})
        return "";
    unsigned char bytes[16];
    std::copy(key.peer_address.begin(), key.peer_address.end(), bytes);
    return std::string(AddressText().of(bytes));
}

} // namespace

RecentTraffic::RecentTraffic(SQLite::Database& db)
    : replace_(db, replace), erase_(db, "DELETE FROM traffic_recent") {
    SQLite::Statement rows(db, select_all);
    while (rows.executeStep())
        load_row(rows);
}

void RecentTraffic::load_row(SQLite::Statement& row) {
    const auto column = [&row](int index) { return row.getColumn(index); };
    RecentSum sum{column(0).getInt64(),
                  {column(6).getString(), number(column(7))},
                  column(3).getString(),
                  {},
                  false};
    int index = 8;
    for (auto& count : sum.amounts.counts)
        count = column(index++).getInt64();
    sum.amounts.rtt_min_us = number(column(index));
    sum.amounts.rtt_max_us = number(column(index + 1));
    begin_us_ = column(1).getInt64();
    next_id_ = std::max(next_id_, sum.id + 1);
    sums_.emplace(TrafficKey{.process_id = column(2).getInt64(),
                             .peer_address = peer_address_from(sum.peer_address),
                             .service_port = static_cast<std::uint16_t>(column(4).getInt()),
                             .direction = direction_named(column(5).getString())},
                  std::move(sum));
}

RecentSum& RecentTraffic::add(const TrafficKey& key, TrafficOwner owner) {
    return sums_.emplace(key, RecentSum{next_id_++, std::move(owner), peer_text(key), {}, false})
        .first->second;
}

void RecentTraffic::write(std::int64_t begin_us) {
    begin_us_ = begin_us;
    for (const TrafficKey& key : changed_) {
        RecentSum& sum = sums_.at(key);
        sum.changed = false;
        write_row(begin_us, key, sum);
    }
    changed_.clear();
}

void RecentTraffic::write_row(std::int64_t begin_us, const TrafficKey& key, const RecentSum& sum) {
    bind_all(replace_, sum.id, begin_us, key.process_id, sum.peer_address, int{key.service_port},
             direction_name(key.direction));
    bind_amounts(replace_, 7, sum.amounts);
    replace_.exec();
}

void RecentTraffic::erase() {
    sums_.clear();
    changed_.clear();
    next_id_ = 1;
    erase_.tryReset();
    erase_.exec();
}

std::array<unsigned char, 16> peer_address_from(const std::string& text) {
    std::array<unsigned char, 16> address{};
    const bool is_ipv4 = !text.empty() && text.find(':') == std::string::npos;
    inet_pton(AF_INET6, is_ipv4 ? ("::ffff:" + text).c_str() : text.c_str(), address.data());
    return address;
}

void bind_amounts(SQLite::Statement& statement, int first, const Amounts& amounts) {
    for (const std::int64_t count : amounts.counts)
        bind_value(statement, first++, count);
    bind_value(statement, first, amounts.rtt_min_us);
    bind_value(statement, first + 1, amounts.rtt_max_us);
}

} // namespace ctrack
