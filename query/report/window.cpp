// SPDX-License-Identifier: Apache-2.0
#include "query/report/window.h"

#include <algorithm>
#include <limits>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "query/base/say.h"
#include "query/base/usage_error.h"
#include "query/render/units.h"
#include "query/time/calendar.h"
#include "query/time/parse_time.h"

namespace ctrack::query {

namespace {

using std::int64_t;

constexpr int64_t half_a_day_us = 12 * 3600 * us_per_second;
constexpr int64_t most_silent_us = 60 * us_per_second; // a recording that ended so long ago is told

bool are_on_one_day(int64_t one, int64_t other) {
    return time_of(day_of(one)) == time_of(day_of(other));
}

int64_t recorded_end(int64_t now, Database& database) {
    return database.recorded().value_or(Window{0, now}).end_us;
}

// A clock time without a day is up to the end of the recording, because a file may be looked at
// days later. If the recording ended today, it is up to now: one at which nothing was recorded any
// more must not be taken for one of yesterday.
int64_t last_moment(int64_t now, Database& database) {
    const auto end = recorded_end(now, database) - 1;
    return end > now || are_on_one_day(end, now) ? now : end;
}

int64_t moment(const std::string& text, int64_t now, Database& database) {
    return parse_time(text, now, last_moment(now, database));
}

void tell_day(const std::string& text, int64_t time, int64_t now, Database& database) {
    if (is_clock_time(text) && !are_on_one_day(time, now))
        say(fmt::format(
            "{} is taken as {}, the last one before {}", text, humanise(time, Unit::second),
            are_on_one_day(recorded_end(now, database), now) ? "now" : "the recording's end"));
}

int64_t told_moment(const std::string& text, int64_t now, Database& database) {
    const auto time = moment(text, now, database);
    tell_day(text, time, now, database);
    return time;
}

int64_t at_clock(const std::tm& day, const std::string& clock, int64_t now) {
    return parse_time(fmt::format("{:%Y-%m-%d} {}", day_of(time_of(day)), clock), now);
}

// The first of these clock times after `begin`, if it is less than half a day later, and else the
// one of the same day.
int64_t clock_after(int64_t begin, const std::string& clock, int64_t now) {
    auto day = day_of(begin);
    const auto time = at_clock(day, clock, now);
    ++day.tm_mday;
    const auto next = at_clock(day, clock, now);
    return time <= begin && next - begin < half_a_day_us ? next : time;
}

// Without -e, --last is of the recording's end, because a file may be looked at days later.
Window last_of(const Options& options, int64_t now, Database& database) {
    const auto length = last_length(options);
    if (options.end) {
        const auto end = told_moment(*options.end, now, database);
        return {end - length, end};
    }
    const auto end = recorded_end(now, database);
    if (now - end > most_silent_us)
        say(fmt::format("the last {} recorded are from {} to {}", *options.last,
                        humanise(end - length, Unit::second), humanise(end, Unit::second)));
    return {end - length, end};
}

} // namespace

int64_t last_length(const Options& options) {
    if (options.begin || options.at)
        throw UsageError(fmt::format("--last is a window of its own: leave out {}",
                                     options.begin ? "-b" : "--at"));
    const auto length = parse_length(*options.last);
    if (!length || *length <= 0)
        throw UsageError(fmt::format("bad --last '{}': expected a length of time, as 10m or 2h30m",
                                     *options.last));
    return *length;
}

Window window_between(const std::string& from, const std::string& to, int64_t now,
                      Database& database) {
    const auto begin = moment(from, now, database);
    const bool are_clocks = is_clock_time(to) && from.find(':') != std::string::npos;
    const auto end = are_clocks ? clock_after(begin, to, now) : moment(to, now, database);
    if (end <= begin)
        throw UsageError(fmt::format("bad window: its end '{}' is not after '{}'", to, from));
    tell_day(from, begin, now, database);
    if (!are_clocks)
        tell_day(to, end, now, database);
    return {begin, end};
}

Window window_of(const Options& options, int64_t now, Database& database) {
    // A part of a recording begins where it was cut.
    const auto first = database.is_part() ? database.recorded().value_or(Window{0, 0}).begin_us : 0;
    if (options.last)
        return last_of(options, now, database);
    if (options.at) {
        const auto time = told_moment(*options.at, now, database);
        return {time, time + 1};
    }
    if (options.begin && options.end)
        return window_between(*options.begin, *options.end, now, database);
    return {options.begin ? told_moment(*options.begin, now, database) : first,
            options.end ? told_moment(*options.end, now, database) : recorded_end(now, database)};
}

Window asked_window(const Options& options, Window window) {
    if (!options.begin && !options.at && !options.last)
        window.begin_us = 0;
    if (!options.end && !options.at)
        window.end_us = std::numeric_limits<std::int64_t>::max();
    return window;
}

} // namespace ctrack::query
