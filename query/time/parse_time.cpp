// SPDX-License-Identifier: Apache-2.0
#include "query/time/parse_time.h"

#include <optional>

#include <fmt/format.h>

#include "query/base/usage_error.h"
#include "query/time/time_parts.h"

namespace ctrack::query {

namespace {

using std::int64_t;

// Reads the rest, which is a clock time and perhaps a zone, or nothing. `day` returns the day in a
// given zone.
template <typename DayIn>
std::optional<int64_t> time_of_day(Scanner in, bool needs_clock, DayIn day) {
    if (in.done() && !needs_clock)
        return time_on(day(Zone()), {});
    const auto clock = take_clock(in);
    if (!clock)
        return std::nullopt;
    in.skip_blanks();
    Zone zone;
    if (!in.done() && !(zone = take_offset(in)))
        return std::nullopt;
    if (!in.done())
        return std::nullopt;
    return time_on(day(zone), *clock, zone);
}

// Reads 2026-11-21[( |T)CLOCK [ZONE]].
std::optional<int64_t> date_and_time(Scanner in) {
    const auto date = take_date(in);
    const bool has_clock = date && (in.take(' ') || in.take('T'));
    if (!date || (!has_clock && !in.done()))
        return std::nullopt;
    return time_of_day(in, has_clock, [&](const Zone&) { return *date; });
}

// Reads Nov 21 [CLOCK [ZONE]].
std::optional<int64_t> month_and_time(Scanner in, int64_t now_us) {
    const auto date = take_month_and_day(in, now_us);
    const bool has_clock = date && in.take(' ');
    if (!date || (!has_clock && !in.done()))
        return std::nullopt;
    in.skip_blanks();
    return time_of_day(in, has_clock, [&](const Zone&) { return *date; });
}

// Reads yesterday, monday 14:00 or 14:23 UTC.
std::optional<int64_t> day_and_time(Scanner in, int64_t now_us) {
    const bool is_named = !in.at_digit();
    Scanner name = in;
    if (is_named) {
        if (!take_day_name(in, day_of(now_us)))
            return std::nullopt;
        if (!in.done() && !in.take(' '))
            return std::nullopt;
        in.skip_blanks();
    }
    return time_of_day(in, !is_named, [&](const Zone& zone) {
        auto day = day_of(now_us, zone);
        Scanner again = name;
        day.tm_mday += is_named ? *take_day_name(again, day) : 0;
        return day;
    });
}

// Reads 10m ago, 2h30m, -90s or +5m.
std::optional<int64_t> from_now(Scanner in, int64_t now_us) {
    const bool is_later = in.take('+');
    const bool is_signed = is_later || in.take('-');
    const auto length = take_length(in);
    const auto word = in.take_while(std::isalpha);
    if (!length || !in.done() || !(word.empty() || (word == "ago" && !is_signed)))
        return std::nullopt;
    return is_later ? now_us + *length : now_us - *length;
}

// A number of fewer than nine digits needs an @: without it a unit was probably forgotten, and a
// time in 1970 is not meant.
std::optional<int64_t> since_epoch(Scanner in) {
    const bool is_marked = in.take('@');
    if (const auto seconds = in.take_number(is_marked ? 1 : 9, 11)) {
        const auto us = in.take_fraction();
        if (!us || !in.done())
            return std::nullopt;
        return *seconds * us_per_second + *us;
    }
    const auto us = in.take_number(15, 17);
    return us && in.done() ? us : std::nullopt;
}

std::optional<int64_t> any_time(const Scanner& in, int64_t now_us) {
    if (Scanner word = in; word.take_while(std::isalpha) == "now" && word.done())
        return now_us;
    if (const auto time = date_and_time(in))
        return time;
    if (const auto time = day_and_time(in, now_us))
        return time;
    if (const auto time = month_and_time(in, now_us))
        return time;
    if (const auto time = from_now(in, now_us))
        return time;
    return since_epoch(in);
}

} // namespace

int64_t parse_time(std::string_view text, int64_t now_us) {
    if (const auto time = any_time(Scanner(text), now_us))
        return *time;
    throw UsageError(fmt::format("bad time '{}': expected one like now, '10m ago', 2h30m, 14:23, "
                                 "'yesterday 14:00', 'mon 9:00', '2026-11-21 14:23:05' or @seconds",
                                 text));
}

} // namespace ctrack::query
