// SPDX-License-Identifier: Apache-2.0
//
// Says what the numbers of a column mean, and how a table writes them for people. The machine
// formats carry the numbers as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/base/value.h"

namespace ctrack::query {

/// The words that a report uses in "-- column NAME: UNIT".
enum class Unit {
    plain,    ///< is shown as it is
    text,     ///< is shown as it is, on the left
    wide,     ///< is text that may be cut to fit the terminal
    outcome,  ///< says how a connection ended, and is coloured on a terminal
    count,    ///< is shown as 1,204
    bytes,    ///< are bytes, shown as 3.11MiB
    bps,      ///< are bits per second, shown as 94.1Mbit/s
    duration, ///< are microseconds, shown as 87us, 12.3ms or 2m05s
    time,     ///< are microseconds since the epoch, shown as 2026-11-21 14:23:05.000123
    second,   ///< are microseconds since the epoch too, shown as 2026-11-21 14:23:05
    rate,     ///< is a number per second, shown as 0.25/s
    percent,  ///< is shown as 12.5%, or <0.1% if it is little
    spark,    ///< are digits from 0 to 7 and blanks, shown as a small chart
    json,     ///< is text that is JSON
};

/// Whether what is shown may have characters that are not ASCII.
bool shows_utf8();

/// The unit that has this name, or nothing.
std::optional<Unit> unit_named(std::string_view name);

/// Whether a table puts values of this unit on the right.
bool is_numeric(Unit unit);

/// The text that a table shows for a value. NULL is "-", and a text stays as it is.
std::string humanise(const Value& value, Unit unit);

/// A point in time in microseconds as ISO 8601 has it, always with six digits of the second and
/// the distance from UTC: 2026-11-21T14:23:05.000123+01:00.
std::string iso_time(std::int64_t us);

/// A number as the machine formats and plain columns write it: the shortest text that reads back
/// as the same number. Infinity is inf or -inf.
std::string number_text(double number);

} // namespace ctrack::query
