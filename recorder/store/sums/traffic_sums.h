// SPDX-License-Identifier: Apache-2.0
//
// What a connection adds to the sums of traffic, and to which of them. This file knows no SQLite.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "recorder/fold/batch.h"

namespace ctrack {

/// What is counted. The order is that of the columns of traffic_recent; from `closed` to `lost` it
/// is also that of Outcome.
enum class Count : std::size_t {
    connections,
    opened,
    closed,
    refused,
    timeout,
    unreachable,
    reset,
    aborted,
    repair,
    lost,
    bytes_sent,
    bytes_received,
    retrans_segs,
    rtt_samples,
    rtt_sum_us,
};
inline constexpr std::size_t count_kinds = 15;

struct Amounts {
    std::array<std::int64_t, count_kinds> counts{};
    std::optional<std::int64_t> rtt_min_us, rtt_max_us;

    std::int64_t& operator[](Count count) { return counts[static_cast<std::size_t>(count)]; }
    std::int64_t operator[](Count count) const { return counts[static_cast<std::size_t>(count)]; }

    Amounts& operator+=(const Amounts& more);
    /// Does not change the shortest and longest round trip, which belong to whole connections.
    Amounts& operator-=(const Amounts& less);
    void add_end(Outcome outcome);
    bool nothing() const;
};

/// All that a connection has added to the sums by the time its row is as given.
Amounts amounts_of(const ConnectionRow& row);

using PeerAddress = std::array<unsigned char, 16>; ///< all 0 if it is not known

/// Which sum an amount is added to.
struct TrafficKey {
    std::uint32_t pid = 0; ///< 0 if the process is not known
    std::string comm;      ///< as it is stored
    PeerAddress peer_address{};
    std::uint16_t service_port = 0;
    std::uint8_t direction = 0; ///< one of enum ctrack_direction

    bool operator==(const TrafficKey&) const = default;
};

TrafficKey key_of(const ConnectionRow& row);

struct TrafficKeyHash {
    std::size_t operator()(const TrafficKey& key) const;
};

} // namespace ctrack
