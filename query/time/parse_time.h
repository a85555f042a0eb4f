// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ctrack::query {

/// Words that are times by themselves.
inline constexpr std::array<std::string_view, 11> time_words{
    "now", "today", "yesterday", "tomorrow", "mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/// The point in time that a user means, in microseconds since the epoch. `now_us` is the present,
/// and so is `last_us` unless it is given.
/// The text is read in the local zone (TZ) unless it names another one. It may be:
///
///   now | today | yesterday | tomorrow    the last three mean 00:00
///   10m ago | 2h30m | -90s                so long before now, in us, ms, s, m, h, d, w or
///                                         their words (90 seconds, 2 hours ago)
///   +10m                                  so long after now
///   14:23 | 14:23:05.25 | 2:23pm | 2pm    a clock time, the last one up to `last_us`
///   yesterday 14:00 | mon 9:30 | monday   the last such weekday, which may be today
///   2026-11-21 | 2026-11-21 14:23:05 | 2026-11-21T14:23:05+02:00 | ...Z | ... UTC
///   Nov 21 | Nov 21 14:23:05              a day of the last twelve months, as in syslog
///   1795267385 | 1795267385.25 | @0       seconds since the epoch
///   1795267385000000                      microseconds, as in the *_us columns
///
/// A zone may stand behind each clock time: Z, UTC, +02:00, or what the local zone is called then,
/// as CET. A weekday may stand before a date, which may have / in place of -. time_on says what
/// becomes of clock times that summer time shows twice or skips.
///
/// Throws UsageError for any other text.
std::int64_t parse_time(std::string_view text, std::int64_t now_us,
                        std::optional<std::int64_t> last_us = std::nullopt);

/// Whether the text begins as a clock time does, so that it has no day.
bool is_clock_time(std::string_view text);

/// A length of time as 10m, 2h30m or 1.5 hours, or nothing.
std::optional<std::int64_t> parse_length(std::string_view text);

} // namespace ctrack::query
