// SPDX-License-Identifier: Apache-2.0
//
// From days and clocks to points in time, where summer time is somebody's law.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>

namespace ctrack::query {

inline constexpr std::int64_t us_per_second = 1'000'000;

struct ClockTime {
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t us = 0;
};

/// Seconds east of Greenwich; nothing: the local zone (TZ), whatever it is then.
using Zone = std::optional<std::int64_t>;

/// The day of the calendar that `time_us` is in.
std::tm day_of(std::int64_t time_us, const Zone& zone = std::nullopt);

/// The point in time when that day's clocks show `clock`, in microseconds since the
/// epoch. Shown twice (the end of summer time), it is the first time; skipped, it
/// moves on by what was skipped. Days past the end of a month are of the next.
std::int64_t time_on(std::tm day, const ClockTime& clock, const Zone& zone = std::nullopt);

} // namespace ctrack::query
