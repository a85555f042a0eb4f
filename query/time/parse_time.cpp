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

// The parts of [DAY] [CLOCK [ZONE]], where the day is 2026-11-21, Nov 21 or a name; a weekday may
// stand before a date, as systemctl shows it.
struct Written {
    std::string date, month, name, clock, second, fraction, half, zone;

    bool has_day() const { return !date.empty() || !month.empty() || !name.empty(); }
    // So that 14:00-14:30 is no clock time in a zone: it is meant as a window.
    bool is_like_a_window() const { return !has_day() && zone.starts_with('-'); }
};

std::optional<Written> parts_of(const std::string& text) {
    static const RE2 point(
        R"((?:(?:[[:alpha:]]{3} )?(\d{4}[-/]\d{1,2}[-/]\d{1,2})|([[:alpha:]]+ *\d{1,2})|([[:alpha:]]+))?)"
        R"((?:(?:^|T| +)(\d{1,2}(?::\d\d)?)(?::([0-5]\d|60)(?:\.(\d+))?)?((?i)am|pm)?)"
        R"((?: *([[:alpha:]]+|[+-][\d:]+))?)?)");
    Written parts;
    if (text.empty() ||
        !RE2::FullMatch(text, point, &parts.date, &parts.month, &parts.name, &parts.clock,
                        &parts.second, &parts.fraction, &parts.half, &parts.zone))
        return std::nullopt;
    RE2::GlobalReplace(&parts.date, "/", "-");
    return parts;
}

// The day that is meant; the zone says where it is that day.
std::optional<std::tm> day_meant(const Written& parts, const Zone& zone, const Present& present) {
    if (!parts.has_day())
        return day_of(present.last_us, zone);
    if (!parts.date.empty())
        return date_of(parts.date);
    if (!parts.month.empty())
        return month_and_day(parts.month, present.now_us);
    return named_day(parts.name, day_of(present.now_us, zone));
}

// Adds the clock time to a day at 0:00. Returns whether it is one: 14:23, 2:23pm or 2pm.
bool add_clock(const Written& parts, std::tm& day) {
    const bool has_minutes = parts.clock.find(':') != std::string::npos;
    const char* form = parts.half.empty() ? "%H:%M" : has_minutes ? "%I:%M%p" : "%I%p";
    std::tm time{};
    if (!parts.clock.empty() && !reads_as(form, parts.clock + parts.half, time))
        return false;
    day.tm_hour = time.tm_hour;
    day.tm_min = time.tm_min;
    day.tm_sec = parts.second.empty() ? 0 : std::stoi(parts.second);
    return true;
}

// What the local zone is called at that moment, as CET.
std::string local_zone_name(int64_t time_us) {
    const std::time_t seconds = time_us / us_per_second;
    std::tm local{};
    return localtime_r(&seconds, &local) == nullptr ? "" : local.tm_zone;
}

std::optional<int64_t> on_a_day(const std::string& text, const Present& present) {
    const auto parts = parts_of(text);
    if (!parts || parts->is_like_a_window())
        return std::nullopt;
    const Zone zone = seconds_ahead(parts->zone);
    auto day = day_meant(*parts, zone, present);
    if (!day || !add_clock(*parts, *day))
        return std::nullopt;
    const auto fraction_us = us_of(parts->fraction);
    if (!parts->has_day() && time_of(*day, zone) + fraction_us > present.last_us)
        --day->tm_mday;
    const auto time = time_of(*day, zone) + fraction_us;
    const bool is_of_other_zone =
        !zone && !parts->zone.empty() && parts->zone != local_zone_name(time);
    return is_of_other_zone ? std::nullopt : std::optional(time);
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
    static const RE2 begin(R"((?i)\d{1,2}(?::\d|[ap]m))");
    re2::StringPiece rest(text.data(), text.size());
    return RE2::Consume(&rest, begin);
}

int64_t parse_time(std::string_view view, int64_t now_us, std::optional<int64_t> last_us) {
    const std::string text(view);
    const Present present{now_us, last_us.value_or(now_us)};
    if (strcasecmp(text.c_str(), "now") == 0)
        return now_us;
    for (const auto read : {on_a_day, from_now, since_epoch})
        if (const auto time = read(text, present))
            return *time;
    throw UsageError(fmt::format("bad time '{}': expected one like now, '10m ago', 2h30m, 14:23, "
                                 "'yesterday 14:00', 'mon 9:00', '2026-11-21 14:23:05' or @seconds",
                                 text));
}

} // namespace ctrack::query
