// SPDX-License-Identifier: Apache-2.0
//
// What the recorder says to its user, on stderr. It is pure.
#pragma once

#include <cstdint>
#include <string>

namespace ctrack {

/// Counts since the start of the recording.
struct Totals {
    std::int64_t connections = 0;
    std::int64_t events = 0;
    std::int64_t rtt_samples = 0;
    std::int64_t lost = 0;
};

/// A line such as "412 open   1,204 events/s   8,310 RTT/s   lost 0   db 212 MiB". The rates are
/// what was added from `before` to `now` in this many seconds.
std::string status_text(const Totals& before, const Totals& now, double seconds,
                        std::size_t open_count, std::int64_t db_bytes);

/// A line such as "412 connections, 1,204 events, 8,310 RTT samples, lost 0, db 212 MiB"
std::string totals_text(const Totals& totals, std::int64_t db_bytes);

/// 217 -> "217 B", 222822 -> "217.6 KiB"
std::string size_text(std::int64_t bytes);

} // namespace ctrack
