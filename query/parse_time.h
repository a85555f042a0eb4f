// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace ctrack::query {

/// The point in time a user means, in microseconds since the epoch. `now_us` is
/// the present. In the local zone (TZ) unless the text names another:
///
///   now | today | yesterday           the last two: at 00:00
///   10m ago | 2h30m | -90s            so long before now: s, m, h, d, w and
///                                     their words (90 seconds, 2 hours ago)
///   14:23 | 14:23:05.25               today
///   yesterday 14:00 | today 9:30
///   2026-11-21 | 2026-11-21 14:23:05 | 2026-11-21T14:23:05+02:00 | ...Z
///   1795267385 | 1795267385.25        seconds since the epoch
///   1795267385000000                  microseconds, as in the *_us columns
///
/// Throws UsageError for anything else.
std::int64_t parse_time(std::string_view text, std::int64_t now_us);

} // namespace ctrack::query
