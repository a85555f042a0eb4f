// SPDX-License-Identifier: Apache-2.0
//
// The pieces of which points in time are written. Each take_* returns nothing if the text does
// not begin with such a piece; the place of the scanner is then of no use.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>

#include "query/time/calendar.h"
#include "query/time/scanner.h"

namespace ctrack::query {

/// Takes a date, as 2026-11-21.
std::optional<std::tm> take_date(Scanner& in);

/// Takes Nov 21 or November 21, which means that day of the last twelve months, or tomorrow.
std::optional<std::tm> take_month_and_day(Scanner& in, std::int64_t now_us);

/// Takes a clock time, as 14:23, 14:23:05, 14:23:05.25 or 2:23pm.
std::optional<ClockTime> take_clock(Scanner& in);

/// Takes a zone, as Z, UTC, +02:00, +0200 or -5, and returns how many seconds it is ahead of UTC.
std::optional<std::int64_t> take_offset(Scanner& in);

/// Takes a length of time, as 10m, 2h30m or 1.5 hours, and returns its microseconds.
std::optional<std::int64_t> take_length(Scanner& in);

/// Takes today, tomorrow, yesterday or a weekday, as monday or mon, and returns how many days it is
/// from today. A weekday is the last such day, which may be today.
std::optional<int> take_day_name(Scanner& in, const std::tm& today);

} // namespace ctrack::query
