// SPDX-License-Identifier: Apache-2.0
//
// The pieces that points in time are written with. Each take_* gives nothing where
// the text does not begin with such a piece; then the scanner is anywhere.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>

#include "query/time/calendar.h"
#include "query/time/scanner.h"

namespace ctrack::query {

/// 2026-11-21
std::optional<std::tm> take_date(Scanner& in);

/// Nov 21 or November 21: of the last twelve months, or tomorrow.
std::optional<std::tm> take_month_and_day(Scanner& in, std::int64_t now_us);

/// 14:23, 14:23:05, 14:23:05.25, 2:23pm
std::optional<ClockTime> take_clock(Scanner& in);

/// Z, UTC, +02:00, +0200, -5
std::optional<std::int64_t> take_offset(Scanner& in);

/// 10m, 2h30m, 1.5 hours, in microseconds
std::optional<std::int64_t> take_length(Scanner& in);

/// Days from today: today, tomorrow, yesterday, and monday or mon: the last one, which
/// may be today.
std::optional<int> take_day_name(Scanner& in, const std::tm& today);

} // namespace ctrack::query
