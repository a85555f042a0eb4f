// SPDX-License-Identifier: Apache-2.0
//
// What a column's numbers mean, and how a table writes them for people. The
// machine formats carry the numbers as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/base/value.h"

namespace ctrack::query {

/// The words a report uses in "-- column NAME: UNIT".
enum class Unit {
    plain,        ///< as it is
    text,         ///< as it is, to the left
    wide,         ///< text that may be cut to fit the terminal
    outcome,      ///< text, how a connection ended; coloured on a terminal
    count,        ///< 1,204
    bytes,        ///< bytes: 3.11MiB
    bps,          ///< bits per second: 94.1Mbit/s
    duration,     ///< microseconds: 87us, 12.3ms, 2m05s
    milliseconds, ///< microseconds, shown as milliseconds: 0.087
    time,         ///< microseconds since the epoch: 2026-11-21 14:23:05.000123, local time
    second,       ///< the same to the second: 2026-11-21 14:23:05
    rate,         ///< per second: 0.25/s
    percent,      ///< 12.5%
    spark,        ///< digits 0 to 7 and blanks: a small chart
    json,         ///< text that is JSON
};

/// The unit of that name, or nothing.
std::optional<Unit> unit_named(std::string_view name);

/// Whether a table puts values of this unit to the right.
bool is_numeric(Unit unit);

/// The text a table shows for a value. NULL is "-". Text is passed through.
std::string humanise(const Value& value, Unit unit);

/// A number as the machine formats and plain columns write it: shortest text
/// that reads back as the same number; inf and -inf for infinity.
std::string number_text(double number);

} // namespace ctrack::query
