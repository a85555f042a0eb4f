// SPDX-License-Identifier: Apache-2.0
#include "query/time/calendar.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace ctrack::query {

namespace {

constexpr std::time_t longest_step = 86400; // no zone sets its clocks by more seconds

// `is_summer` is what tm_isdst says: 1, 0, or -1 for unknown.
std::time_t local_seconds(std::tm wanted, int is_summer) {
    wanted.tm_isdst = is_summer;
    return std::mktime(&wanted);
}

bool is_shown_at(std::time_t seconds, const std::tm& wanted) {
    std::tm shown{};
    if (localtime_r(&seconds, &shown) == nullptr)
        return false;
    return shown.tm_sec == wanted.tm_sec && shown.tm_min == wanted.tm_min &&
           shown.tm_hour == wanted.tm_hour && shown.tm_mday == wanted.tm_mday;
}

// Where a clock time is shown twice or never, the choice of mktime depends on what it was asked
// before. So it is asked for both the time in summer and the other one. The day of `normal` must
// be one that its month has.
std::time_t local_seconds(const std::tm& normal) {
    const auto any = local_seconds(normal, -1);
    std::time_t first = any;
    std::time_t last = any;
    bool is_shown = is_shown_at(any, normal);
    for (const int is_summer : {0, 1}) {
        const auto other = local_seconds(normal, is_summer);
        if (std::abs(other - any) > longest_step)
            continue;
        last = std::max(last, other);
        if (is_shown_at(other, normal)) {
            first = is_shown ? std::min(first, other) : other;
            is_shown = true;
        }
    }
    return is_shown ? first : last;
}

} // namespace

std::tm day_of(std::int64_t time_us, const Zone& zone) {
    const std::time_t seconds = time_us / us_per_second + zone.value_or(0);
    std::tm day{};
    if (zone)
        gmtime_r(&seconds, &day);
    else
        localtime_r(&seconds, &day);
    day.tm_hour = day.tm_min = day.tm_sec = 0;
    return day;
}

std::int64_t time_of(std::tm shown, const Zone& zone) {
    const auto as_utc = timegm(&shown); // also makes the day one that its month has
    return (zone ? as_utc - *zone : local_seconds(shown)) * us_per_second;
}

} // namespace ctrack::query
