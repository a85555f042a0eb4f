// SPDX-License-Identifier: Apache-2.0
#include "recorder/store/sums/traffic_sums.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "common/stored_text.h"

namespace ctrack {

namespace {

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

std::optional<std::int64_t> lesser(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    return a && b ? std::min(a, b) : std::max(a, b); // nullopt compares as less than any number
}

} // namespace

Amounts& Amounts::operator+=(const Amounts& more) {
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] += more.counts[i];
    rtt_min_us = lesser(rtt_min_us, more.rtt_min_us);
    rtt_max_us = std::max(rtt_max_us, more.rtt_max_us);
    return *this;
}

Amounts& Amounts::operator-=(const Amounts& less) {
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] -= less.counts[i];
    return *this;
}

bool Amounts::nothing() const {
    return std::all_of(counts.begin(), counts.end(), [](std::int64_t n) { return n == 0; });
}

void Amounts::add_end(Outcome outcome) {
    if (outcome == Outcome::open)
        return;
    const auto place =
        static_cast<std::size_t>(outcome) - static_cast<std::size_t>(Outcome::closed);
    ++counts[static_cast<std::size_t>(Count::closed) + place];
}

Amounts amounts_of(const ConnectionRow& row) {
    const ctrack_summary& s = row.summary;
    Amounts amounts;
    amounts[Count::connections] = 1;
    amounts[Count::opened] = row.start_kind == StartKind::seen;
    amounts.add_end(row.ending.outcome);
    amounts[Count::bytes_sent] = number(s.bytes_sent);
    amounts[Count::bytes_received] = number(s.bytes_received);
    amounts[Count::retrans_segs] = s.retrans_segs;
    amounts[Count::rtt_samples] = s.rtt_samples;
    amounts[Count::rtt_sum_us] = number(s.rtt_sum_us);
    if (s.rtt_samples) {
        amounts.rtt_min_us = s.rtt_min_us;
        amounts.rtt_max_us = s.rtt_max_us;
    }
    return amounts;
}

TrafficKey key_of(const ConnectionRow& row) {
    const ctrack_summary& s = row.summary;
    TrafficKey key{.pid = s.owner.pid,
                   .comm = s.owner.pid ? stored_name(s.owner.comm) : "",
                   .peer_address = {},
                   .service_port = service_port(s.direction, s.local_port, s.peer_port),
                   .direction = s.direction};
    std::copy(std::begin(s.peer_address), std::end(s.peer_address), key.peer_address.begin());
    return key;
}

std::size_t TrafficKeyHash::operator()(const TrafficKey& key) const {
    const auto* address = reinterpret_cast<const char*>(key.peer_address.data());
    const std::size_t peer = std::hash<std::string_view>{}({address, key.peer_address.size()});
    return (peer * 31 + key.pid) * 31 + key.service_port;
}

} // namespace ctrack
