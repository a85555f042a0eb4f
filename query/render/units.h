// SPDX-License-Identifier: Apache-2.0
//
// Says what the numbers of a column mean, and how a table writes them for people. The machine
// formats carry the numbers as they are.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "query/base/value.h"

namespace ctrack::query {

/// What the numbers of a column are. unit_words() says how a table shows each.
enum class Unit {
    plain,
    text,
    wide,
    outcome,
    count,
    bytes,
    bps,
    duration,
    time,
    second,
    rate,
    percent,
    spark, ///< a chart
    json,
};

/// A word that a report uses in "-- column NAME: UNIT".
struct UnitWord {
    std::string_view name;
    Unit unit;
    std::string_view meaning;
};
std::span<const UnitWord> unit_words();

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
