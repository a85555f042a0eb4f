// SPDX-License-Identifier: Apache-2.0
#include "query/time/parse_time.h"

#include <optional>
#include <string>

#include <fmt/format.h>
#include <re2/re2.h>
#include <strings.h>

#include "common/units.h"
#include "query/base/usage_error.h"
#include "query/time/calendar.h"

namespace ctrack::query {

namespace {

using std::int64_t;

// A length of more than a thousand years is refused, because it is probably a typing error.
constexpr int64_t longest_us = int64_t{1000} * 365 * 86400 * us_per_second;

struct Present {
    int64_t now_us;
    int64_t last_us; // a clock time without a day is not after it
};

// Whether all of the text has this form of strptime.
bool reads_as(const char* form, const std::string& text, std::tm& parts) {
    const char* end = strptime(text.c_str(), form, &parts);
    return end != nullptr && *end == '\0';
}

// Refuses 30 February, of which timegm makes a day of March.
std::optional<std::tm> checked(const std::tm& date) {
    std::tm normal = date;
    timegm(&normal);
    const bool is_same = normal.tm_mon == date.tm_mon && normal.tm_mday == date.tm_mday;
    return is_same ? std::optional(date) : std::nullopt;
}

std::optional<std::tm> date_of(const std::string& text) {
    std::tm date{};
    return reads_as("%Y-%m-%d", text, date) ? checked(date) : std::nullopt;
}

// Nov 21 is a day of the last twelve months, or tomorrow.
std::optional<std::tm> month_and_day(const std::string& text, int64_t now_us) {
    std::tm date{};
    if (!reads_as("%b %d", text, date))
        return std::nullopt;
    auto tomorrow = day_of(now_us);
    ++tomorrow.tm_mday;
    date.tm_year = tomorrow.tm_year;
    if (time_of(date) > time_of(tomorrow))
        --date.tm_year;
    return checked(date);
}

// A weekday is the last such day, which may be today.
std::optional<std::tm> named_day(const std::string& name, std::tm today) {
    const auto is = [&name](const char* word) { return strcasecmp(name.c_str(), word) == 0; };
    std::tm weekday{};
    if (is("yesterday"))
        --today.tm_mday;
    else if (is("tomorrow"))
        ++today.tm_mday;
    else if (reads_as("%a", name, weekday))
        today.tm_mday -= (today.tm_wday - weekday.tm_wday + 7) % 7;
    else if (!is("today"))
        return std::nullopt;
    return today;
}

// How many seconds a zone is ahead of UTC: Z, UTC, +02:00, +0200 or -5.
std::optional<int64_t> seconds_ahead(const std::string& zone) {
    static const RE2 utc("(?i)z|utc");
    static const RE2 offset(R"(([+-])(\d{1,2})(?::?([0-5]\d))?)");
    if (RE2::FullMatch(zone, utc))
        return 0;
    std::string sign, minutes;
    int hours = 0;
    if (!RE2::FullMatch(zone, offset, &sign, &hours, &minutes) || hours > 14)
        return std::nullopt;
    const int64_t seconds = hours * 3600 + (minutes.empty() ? 0 : std::stoi(minutes) * 60);
    return sign == "-" ? -seconds : seconds;
}

// The microseconds of the digits behind a point; without digits it is 0.
int64_t us_of(std::string fraction) {
    fraction.resize(6, '0');
    return std::stoll(fraction);
}

// Reads [DAY] [CLOCK [ZONE]], where the day is 2026-11-21, Nov 21 or a name.
std::optional<int64_t> on_a_day(const std::string& text, const Present& present) {
    static const RE2 point(
        R"((?:(\d{4}-\d{1,2}-\d{1,2})|([[:alpha:]]+ *\d{1,2})|([[:alpha:]]+))?)"
        R"((?:(?:^|T| +)(\d{1,2}:\d\d)(?::([0-5]\d|60)(?:\.(\d+))?)?((?i)am|pm)?)"
        R"((?: *([[:alpha:]]+|[+-][\d:]+))?)?)");
    std::string date, month, name, clock, second, fraction, half, zone_name;
    if (text.empty() || !RE2::FullMatch(text, point, &date, &month, &name, &clock, &second,
                                        &fraction, &half, &zone_name))
        return std::nullopt;
    const Zone zone = seconds_ahead(zone_name);
    if (!zone && !zone_name.empty())
        return std::nullopt;
    const bool has_day = !date.empty() || !month.empty() || !name.empty();
    auto day = !has_day         ? day_of(present.last_us, zone)
               : !date.empty()  ? date_of(date)
               : !month.empty() ? month_and_day(month, present.now_us)
                                : named_day(name, day_of(present.now_us, zone));
    std::tm time{};
    if (!day ||
        (!clock.empty() && !reads_as(half.empty() ? "%H:%M" : "%I:%M%p", clock + half, time)))
        return std::nullopt;
    day->tm_hour = time.tm_hour;
    day->tm_min = time.tm_min;
    day->tm_sec = second.empty() ? 0 : std::stoi(second);
    if (!has_day && time_of(*day, zone) + us_of(fraction) > present.last_us)
        --day->tm_mday;
    return time_of(*day, zone) + us_of(fraction);
}

// Reads [SIGN] LENGTH [ago].
std::optional<int64_t> from_now(const std::string& text, const Present& present) {
    static const RE2 form(R"(([+-])?([^+-]+?)( +ago)?)");
    std::string sign, length, ago;
    if (!RE2::FullMatch(text, form, &sign, &length, &ago) || (!sign.empty() && !ago.empty()))
        return std::nullopt;
    const auto length_us = parse_length(length);
    if (!length_us)
        return std::nullopt;
    return sign == "+" ? present.now_us + *length_us : present.now_us - *length_us;
}

// A number of fewer than nine digits needs an @: without it a unit was probably forgotten, and a
// time in 1970 is not meant.
std::optional<int64_t> since_epoch(const std::string& text, const Present&) {
    static const RE2 microseconds(R"(@?(\d{15,17}))");
    static const RE2 seconds(R"(@?(\d{1,11})(?:\.(\d+))?)");
    int64_t number = 0;
    std::string fraction;
    if (RE2::FullMatch(text, microseconds, &number))
        return number;
    if (RE2::FullMatch(text, seconds, &number, &fraction) &&
        (text.starts_with('@') || number >= 100'000'000))
        return number * us_per_second + us_of(fraction);
    return std::nullopt;
}

} // namespace

std::optional<int64_t> parse_length(std::string_view text) {
    static const RE2 part(R"( *(\d[\d.]*) *([[:alpha:]]+))");
    int64_t length_us = 0;
    std::string number, unit;
    re2::StringPiece rest(text.data(), text.size());
    while (RE2::Consume(&rest, part, &number, &unit)) {
        const auto us = parse_duration(number + unit);
        if (!us || *us > longest_us - length_us)
            return std::nullopt;
        length_us += *us;
    }
    return text.empty() || !rest.empty() ? std::nullopt : std::optional(length_us);
}

bool is_clock_time(std::string_view text) {
    static const RE2 begin(R"(\d{1,2}:\d)");
    re2::StringPiece rest(text.data(), text.size());
    return RE2::Consume(&rest, begin);
}

int64_t parse_time(std::string_view view, int64_t now_us, std::optional<int64_t> last_us) {
    const std::string text(view);
    const Present present{now_us, last_us.value_or(now_us)};
    if (text == "now")
        return now_us;
    for (const auto read : {on_a_day, from_now, since_epoch})
        if (const auto time = read(text, present))
            return *time;
    throw UsageError(fmt::format("bad time '{}': expected one like now, '10m ago', 2h30m, 14:23, "
                                 "'yesterday 14:00', 'mon 9:00', '2026-11-21 14:23:05' or @seconds",
                                 text));
}

} // namespace ctrack::query
