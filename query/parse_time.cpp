// SPDX-License-Identifier: Apache-2.0
#include "query/parse_time.h"

#include <array>
#include <ctime>
#include <optional>

#include <fmt/format.h>

#include "query/errors.h"
#include "query/scanner.h"

namespace ctrack::query {

namespace {

using std::int64_t;

constexpr int64_t us_per_second = 1'000'000;

struct ClockTime {
    int hour = 0;
    int minute = 0;
    int second = 0;
    int64_t us = 0;
};

int64_t in_us(std::time_t seconds, int64_t us) { return seconds * us_per_second + us; }

// A day of the local calendar, `days` after the day of `now_us`.
std::tm day_from(int64_t now_us, int days) {
    const std::time_t now = now_us / us_per_second;
    std::tm day{};
    localtime_r(&now, &day);
    day.tm_mday += days;
    return day;
}

// The local time zone decides; a time skipped by daylight saving moves on.
int64_t local_time(std::tm day, const ClockTime& clock) {
    day.tm_hour = clock.hour;
    day.tm_min = clock.minute;
    day.tm_sec = clock.second;
    day.tm_isdst = -1;
    return in_us(std::mktime(&day), clock.us);
}

int64_t time_at_offset(std::tm day, const ClockTime& clock, int64_t offset_seconds) {
    day.tm_hour = clock.hour;
    day.tm_min = clock.minute;
    day.tm_sec = clock.second;
    return in_us(timegm(&day) - offset_seconds, clock.us);
}

std::optional<std::tm> take_date(Scanner& in) {
    const auto year = in.take_number(4, 4);
    if (!year || !in.take('-'))
        return std::nullopt;
    const auto month = in.take_number(1, 2);
    if (!month || !in.take('-'))
        return std::nullopt;
    const auto day = in.take_number(1, 2);
    if (!day)
        return std::nullopt;
    std::tm date{};
    date.tm_year = static_cast<int>(*year) - 1900;
    date.tm_mon = static_cast<int>(*month) - 1;
    date.tm_mday = static_cast<int>(*day);
    std::tm normal = date;
    timegm(&normal); // turns 30 February into a day of March
    if (normal.tm_mon != date.tm_mon || normal.tm_mday != date.tm_mday)
        return std::nullopt;
    return date;
}

std::optional<ClockTime> take_clock(Scanner& in) {
    const auto hour = in.take_number(1, 2);
    if (!hour || *hour > 23 || !in.take(':'))
        return std::nullopt;
    const auto minute = in.take_number(2, 2);
    if (!minute || *minute > 59)
        return std::nullopt;
    ClockTime clock{static_cast<int>(*hour), static_cast<int>(*minute)};
    if (!in.take(':'))
        return clock;
    const auto second = in.take_number(2, 2);
    const auto us = in.take_fraction();
    if (!second || *second > 60 || !us)
        return std::nullopt;
    clock.second = static_cast<int>(*second);
    clock.us = *us;
    return clock;
}

// "Z", "+02:00", "+0200", "-5": seconds east of Greenwich.
std::optional<int64_t> take_offset(Scanner& in) {
    if (in.take('Z') || in.take('z'))
        return 0;
    const int sign = in.take('-') ? -1 : in.take('+') ? 1 : 0;
    if (sign == 0)
        return std::nullopt;
    auto hours = in.take_number(1, 2);
    int64_t minutes = 0;
    if (const auto both = hours ? std::nullopt : in.take_number(4, 4)) {
        hours = *both / 100;
        minutes = *both % 100;
    } else if (in.take(':')) {
        const auto given = in.take_number(2, 2);
        if (!given)
            return std::nullopt;
        minutes = *given;
    }
    if (!hours || *hours > 14 || minutes > 59)
        return std::nullopt;
    return sign * (*hours * 3600 + minutes * 60);
}

// 2026-11-21[( |T)14:23[:05[.25]][zone]]
std::optional<int64_t> date_and_time(Scanner in) {
    const auto date = take_date(in);
    if (!date)
        return std::nullopt;
    if (in.done())
        return local_time(*date, {});
    if (!in.take(' ') && !in.take('T'))
        return std::nullopt;
    const auto clock = take_clock(in);
    if (!clock)
        return std::nullopt;
    if (in.done())
        return local_time(*date, *clock);
    in.skip_blanks();
    const auto offset = take_offset(in);
    if (!offset || !in.done())
        return std::nullopt;
    return time_at_offset(*date, *clock, *offset);
}

// now, today, yesterday, 14:23 and a day's name before a time
std::optional<int64_t> day_and_time(Scanner in, int64_t now_us) {
    const auto word = in.take_while(std::isalpha);
    if (word == "now" && in.done())
        return now_us;
    if (!word.empty() && word != "today" && word != "yesterday")
        return std::nullopt;
    const auto day = day_from(now_us, word == "yesterday" ? -1 : 0);
    if (!word.empty() && in.done())
        return local_time(day, {});
    in.skip_blanks();
    const auto clock = take_clock(in);
    if (!clock || !in.done())
        return std::nullopt;
    return local_time(day, *clock);
}

std::optional<int64_t> seconds_of(std::string_view unit) {
    struct Name {
        std::string_view letter, word, words;
        int64_t seconds;
    };
    static constexpr std::array<Name, 7> names{{{"s", "second", "seconds", 1},
                                                {"sec", "sec", "secs", 1},
                                                {"m", "minute", "minutes", 60},
                                                {"min", "min", "mins", 60},
                                                {"h", "hour", "hours", 3600},
                                                {"d", "day", "days", 86400},
                                                {"w", "week", "weeks", 7 * 86400}}};
    for (const auto& name : names)
        if (unit == name.letter || unit == name.word || unit == name.words)
            return name.seconds;
    return std::nullopt;
}

// 10m ago, 2h30m, -90s
std::optional<int64_t> long_ago(Scanner in, int64_t now_us) {
    in.take('-');
    int64_t ago_us = 0;
    if (!in.at_digit())
        return std::nullopt;
    while (in.at_digit()) {
        const auto number = in.take_number(1, 6);
        const auto fraction = in.take_fraction();
        in.skip_blanks();
        const auto unit = seconds_of(in.take_while(std::isalpha));
        in.skip_blanks();
        if (!number || !fraction || !unit)
            return std::nullopt;
        ago_us += (*number * us_per_second + *fraction) * *unit;
    }
    const auto word = in.take_while(std::isalpha);
    if (!in.done() || !(word.empty() || word == "ago"))
        return std::nullopt;
    return now_us - ago_us;
}

// Fewer than nine digits are rather a forgotten unit than a time in 1970.
std::optional<int64_t> since_epoch(Scanner in) {
    if (const auto seconds = in.take_number(9, 11)) {
        const auto us = in.take_fraction();
        if (!us || !in.done())
            return std::nullopt;
        return in_us(*seconds, *us);
    }
    const auto us = in.take_number(15, 17);
    return us && in.done() ? us : std::nullopt;
}

} // namespace

int64_t parse_time(std::string_view text, int64_t now_us) {
    const Scanner in(text);
    if (const auto time = date_and_time(in))
        return *time;
    if (const auto time = day_and_time(in, now_us))
        return *time;
    if (const auto time = long_ago(in, now_us))
        return *time;
    if (const auto time = since_epoch(in))
        return *time;
    throw UsageError(
        fmt::format("bad time '{}': expected one like now, '10m ago', 2h30m, 14:23, "
                    "'yesterday 14:00', '2026-11-21 14:23:05' or seconds since the epoch",
                    text));
}

} // namespace ctrack::query
