// SPDX-License-Identifier: Apache-2.0
#include "recorder/status.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace ctrack {

namespace {

auto grouped(std::int64_t number) { return fmt::group_digits(number); }

auto per_second(std::int64_t before, std::int64_t now, double seconds) {
    return grouped(seconds > 0 ? std::llround(static_cast<double>(now - before) / seconds) : 0);
}

} // namespace

std::string size_text(std::int64_t bytes) {
    constexpr std::array units{"KiB", "MiB", "GiB"};
    if (bytes < 1024)
        return fmt::format("{} B", bytes);
    double size = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; size >= 1024 && unit + 1 < units.size(); ++unit)
        size /= 1024;
    return fmt::format("{:.1f} {}", size, units[unit]);
}

std::string status_text(const Totals& before, const Totals& now, double seconds,
                        std::size_t open_count, std::int64_t db_bytes) {
    return fmt::format("{} open   {} events/s   {} RTT/s   lost {}   db {}",
                       grouped(static_cast<std::int64_t>(open_count)),
                       per_second(before.events, now.events, seconds),
                       per_second(before.rtt_samples, now.rtt_samples, seconds), grouped(now.lost),
                       size_text(db_bytes));
}

std::string totals_text(const Totals& totals, std::int64_t db_bytes) {
    return fmt::format("{} connections, {} events, {} RTT samples, lost {}, db {}",
                       grouped(totals.connections), grouped(totals.events),
                       grouped(totals.rtt_samples), grouped(totals.lost), size_text(db_bytes));
}

} // namespace ctrack
