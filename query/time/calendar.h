// SPDX-License-Identifier: Apache-2.0
//
// Turns days and clock times into points in time, with the summer time of the zone.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>

namespace ctrack::query {

inline constexpr std::int64_t us_per_second = 1'000'000;

/// How many seconds a zone is ahead of UTC. Nothing stands for the local zone (TZ), which may be
/// ahead by more in summer.
using Zone = std::optional<std::int64_t>;

/// The day of the calendar on which `time_us` is, at 0:00.
std::tm day_of(std::int64_t time_us, const Zone& zone = std::nullopt);

/// The point in time when a calendar and a clock show this, in microseconds since the epoch. Of a
/// clock time that is shown twice, at the end of summer time, it is the first one. One that is
/// skipped moves on by what was skipped. A day past the end of a month is one of the next month.
std::int64_t time_of(std::tm shown, const Zone& zone = std::nullopt);

} // namespace ctrack::query
