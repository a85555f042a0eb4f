// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace ctrack::query {

/// The point in time a user means, in microseconds since the epoch. `now_us` is
/// the present. In the local zone (TZ) unless the text names another:
///
///   now | today | yesterday | tomorrow    the last three: at 00:00
///   10m ago | 2h30m | -90s                so long before now: us, ms, s, m, h, d, w and
///                                         their words (90 seconds, 2 hours ago)
///   +10m                                  so long after now
///   14:23 | 14:23:05.25 | 2:23pm          today
///   yesterday 14:00 | mon 9:30 | monday   a weekday: the last one, perhaps today
///   2026-11-21 | 2026-11-21 14:23:05 | 2026-11-21T14:23:05+02:00 | ...Z | ... UTC
///   Nov 21 | Nov 21 14:23:05              of the last twelve months, as in syslog
///   1795267385 | 1795267385.25 | @0       seconds since the epoch
///   1795267385000000                      microseconds, as in the *_us columns
///
/// After each clock time a zone may stand. A time shown twice at the end of summer
/// time is the first of the two; one that is skipped moves on.
///
/// Throws UsageError for anything else.
std::int64_t parse_time(std::string_view text, std::int64_t now_us);

} // namespace ctrack::query
