// SPDX-License-Identifier: Apache-2.0
#include "query/time/parse_time.h"

#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "query/base/usage_error.h"
#include "tests/catch.h"

using ctrack::query::parse_time;
using ctrack::query::UsageError;

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

// 2026-11-21 14:23:05.25 UTC, a Saturday; 15:23:05.25 in Berlin
constexpr std::int64_t now = 1'795'270'985 * second + 250'000;
constexpr std::int64_t midnight_utc = 1'795'219'200 * second;

void set_zone(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
}

std::int64_t in_zone(const char* zone, const char* text) {
    set_zone(zone);
    return parse_time(text, now);
}

std::int64_t in_berlin(const char* text) { return in_zone("Europe/Berlin", text); }

std::int64_t in_utc(const char* text) { return in_zone("UTC", text); }

} // namespace

TEST_CASE("time: now is now") { CHECK(in_utc("now") == now); }

TEST_CASE("time: so long ago") {
    CHECK(in_utc("10m ago") == now - 10 * minute);
    CHECK(in_utc("10 minutes ago") == now - 10 * minute);
    CHECK(in_utc("1 hour ago") == now - hour);
    CHECK(in_utc("2h30m") == now - 2 * hour - 30 * minute);
    CHECK(in_utc("2h 30m ago") == now - 2 * hour - 30 * minute);
    CHECK(in_utc("-2h") == now - 2 * hour);
    CHECK(in_utc("90s") == now - 90 * second);
    CHECK(in_utc("0.5s ago") == now - second / 2);
    CHECK(in_utc("1w2d") == now - 9 * day);
    CHECK(in_utc("0s") == now);
}

TEST_CASE("time: so long from now on, and fine units") {
    CHECK(in_utc("+10m") == now + 10 * minute);
    CHECK(in_utc("+1h30m") == now + 90 * minute);
    CHECK(in_utc("250ms ago") == now - 250'000);
    CHECK(in_utc("1s500us") == now - second - 500);
    CHECK(in_utc("3 hrs ago") == now - 3 * hour);
}

TEST_CASE("time: weekdays are the last ones, today included") {
    CHECK(in_utc("saturday") == midnight_utc); // is today
    CHECK(in_utc("Sat 14:00") == midnight_utc + 14 * hour);
    CHECK(in_utc("fri") == midnight_utc - day);
    CHECK(in_utc("sunday") == midnight_utc - 6 * day);
    CHECK(in_utc("Mon 9:30") == midnight_utc - 5 * day + 9 * hour + 30 * minute);
    CHECK(in_utc("tomorrow 1:00") == midnight_utc + 25 * hour);
}

TEST_CASE("time: twelve hours") {
    CHECK(in_utc("2:23pm") == midnight_utc + 14 * hour + 23 * minute);
    CHECK(in_utc("12:00am") == midnight_utc);
    CHECK(in_utc("yesterday 12:30PM") == midnight_utc - day + 12 * hour + 30 * minute);
}

TEST_CASE("time: month and day as in syslog, of the last twelve months") {
    CHECK(in_utc("Nov 21 14:23:05") == now - 250'000);
    CHECK(in_utc("Nov  1") == midnight_utc - 20 * day);
    CHECK(in_utc("November 22") == midnight_utc + day);
    CHECK(in_utc("Nov 23") == midnight_utc + 2 * day - 365 * day);
    CHECK(in_berlin("Nov 21 15:23:05.25") == now);
}

TEST_CASE("time: a zone after the clock of a day by name") {
    CHECK(in_berlin("14:23:05.25Z") == now);
    CHECK(in_berlin("14:23:05.25 UTC") == now);
    CHECK(in_berlin("yesterday 14:23:05.25 UTC") == now - day);
    CHECK(in_berlin("2026-11-21 14:23:05.25 UTC") == now);
    // it is 03:23 of the 22nd there
    CHECK(in_berlin("03:23:05.25+13:00") == now);
    CHECK(in_berlin("sun 03:23:05.25+13:00") == now);
}

TEST_CASE("time: days by name are days of the local zone") {
    CHECK(in_utc("today") == midnight_utc);
    CHECK(in_utc("yesterday") == midnight_utc - day);
    CHECK(in_utc("yesterday 14:00") == midnight_utc - 10 * hour);
    CHECK(in_berlin("today") == midnight_utc - hour);
    CHECK(in_berlin("today 9:30") == midnight_utc + 8 * hour + 30 * minute);
}

TEST_CASE("time: a clock time is the last one") {
    CHECK(in_utc("14:23") == midnight_utc + 14 * hour + 23 * minute);
    CHECK(in_utc("14:23:05") == midnight_utc + 14 * hour + 23 * minute + 5 * second);
    CHECK(in_utc("14:23:05.25") == now);
    CHECK(in_berlin("15:23:05.25") == now);
    CHECK(in_utc("14:24") == midnight_utc - day + 14 * hour + 24 * minute);
    CHECK(in_utc("today 14:24") == midnight_utc + 14 * hour + 24 * minute);
    // up to another moment than the present
    const auto noon = midnight_utc - 2 * day + 12 * hour;
    set_zone("UTC");
    CHECK(parse_time("12:00", now, noon) == noon);
    CHECK(parse_time("12:01", now, noon) == noon - day + minute);
    CHECK(parse_time("0:00", now, noon) == noon - 12 * hour);
    CHECK(parse_time("13:00+02:00", now, noon) == noon - hour);
    CHECK(parse_time("today 12:00", now, noon) == noon + 2 * day);
    CHECK(parse_time("1h ago", now, noon) == now - hour);
}

TEST_CASE("time: a clock time is known by its beginning") {
    CHECK(ctrack::query::is_clock_time("14:23"));
    CHECK(ctrack::query::is_clock_time("2:23pm"));
    CHECK(ctrack::query::is_clock_time("14:23:05 UTC"));
    CHECK_FALSE(ctrack::query::is_clock_time("today 14:23"));
    CHECK_FALSE(ctrack::query::is_clock_time("2026-11-21 14:23"));
    CHECK_FALSE(ctrack::query::is_clock_time("10m"));
    CHECK(ctrack::query::is_clock_time("2pm"));
}

TEST_CASE("time: as other programs write it") {
    CHECK(in_berlin("Sat 2026-11-21 15:23:05.25 CET") == now); // systemctl status
    CHECK(in_berlin("15:23:05.25 CET") == now);
    CHECK(in_berlin("2026-07-01 12:00 CEST") == in_utc("2026-07-01 10:00"));
    CHECK_THROWS_AS(in_berlin("2026-07-01 12:00 CET"), UsageError); // which is not CEST
    CHECK(in_utc("2026/11/21 14:23:05.25") == now);
    CHECK(in_utc("2pm") == midnight_utc + 14 * hour);
    CHECK(in_utc("yesterday 2PM") == midnight_utc - 10 * hour);
    CHECK(in_utc("NOW") == now);
    CHECK(in_utc("2026-11-21T14:23:05.25-00:00") == now);
}

TEST_CASE("time: a window is no time in a zone") {
    for (const auto* text : {"14:00-14:30", "9:00-10:00", "14:00 -10:00", "14:00-15"})
        CHECK_THROWS_AS(in_utc(text), UsageError);
}

TEST_CASE("time: lengths") {
    using ctrack::query::parse_length;
    CHECK(parse_length("10m") == 10 * minute);
    CHECK(parse_length("2h30m") == 150 * minute);
    CHECK(parse_length("1.5 hours") == 90 * minute);
    for (const auto* text : {"", "10", "-10m", "10m ago", "10m x", "yesterday", "9999999h"})
        CHECK(parse_length(text) == std::nullopt);
}

TEST_CASE("time: dates") {
    CHECK(in_utc("2026-11-21") == midnight_utc);
    CHECK(in_utc("2026-11-21 14:23:05.25") == now);
    CHECK(in_utc("2026-11-21T14:23:05.25") == now);
    CHECK(in_berlin("2026-11-21 15:23:05.250000") == now);
    CHECK(in_utc("2024-02-29") == 1'709'164'800 * second);
}

TEST_CASE("time: a zone in the text wins over the local one") {
    CHECK(in_berlin("2026-11-21T14:23:05.25Z") == now);
    CHECK(in_berlin("2026-11-21 14:23:05.25 Z") == now);
    CHECK(in_berlin("2026-11-21T16:23:05.25+02:00") == now);
    CHECK(in_berlin("2026-11-21T16:23:05.25+0200") == now);
    CHECK(in_berlin("2026-11-21T09:23:05.25-05") == now);
    CHECK(in_berlin("2026-11-21T19:53:05.25+05:30") == now);
}

TEST_CASE("time: summer time is the zone's business") {
    CHECK(in_berlin("2026-07-01 12:00") == in_utc("2026-07-01 10:00"));
    CHECK(in_berlin("2026-12-01 12:00") == in_utc("2026-12-01 11:00"));
    // 02:30 does not exist on that day: the clock jumps from 02:00 to 03:00
    CHECK(in_berlin("2026-03-29 02:30") == in_utc("2026-03-29 01:30"));
    // 02:30 comes twice: the clock jumps from 03:00 back to 02:00; whatever was asked before
    for (const auto* before : {"2026-07-01", "2026-12-01"}) {
        in_berlin(before);
        CHECK(in_berlin("2026-10-25 02:30") == in_utc("2026-10-25 00:30"));
        CHECK(in_berlin("2026-03-29 02:30") == in_utc("2026-03-29 01:30"));
    }
    CHECK(in_berlin("2026-10-25 03:00") == in_utc("2026-10-25 02:00"));
    // a day of 25 hours
    set_zone("Europe/Berlin");
    const auto noon = parse_time("2026-10-26 12:00", now);
    CHECK(parse_time("yesterday 12:00", noon) == noon - day);
    CHECK(parse_time("yesterday", noon) == noon - 12 * hour - 25 * hour);
    // Ireland's winter time is its summer time the other way round
    CHECK(in_zone("Europe/Dublin", "2026-03-29 01:30") == in_utc("2026-03-29 01:30"));
    CHECK(in_zone("Europe/Dublin", "2026-10-25 01:30") == in_utc("2026-10-25 00:30"));
    // half an hour
    CHECK(in_zone("Australia/Lord_Howe", "2026-10-04 02:15") == in_utc("2026-10-03 15:45"));
}

TEST_CASE("time: since the epoch") {
    CHECK(in_berlin("1795270985.25") == now);
    CHECK(in_berlin("1795270985250000") == now);
    CHECK(in_utc("1795270985") == now - 250'000);
    CHECK(in_utc("@1795270985.25") == now);
    CHECK(in_utc("@0") == 0);
    CHECK(in_utc("@1795270985250000") == now);
    CHECK(in_utc("1795270985.1234567") == now - 250'000 + 123'456);
}

TEST_CASE("time: what is no time") {
    const auto* text = GENERATE(
        "", " ", "noon", "10", "2026", "10x", "10m later", "ago", "-", "2h30", "14:60", "24:00",
        "14:2", "14:23:5", "1:2:3:4", "2026-13-01", "2026-02-30", "2026-11-21 ", "26-11-21",
        "2026-11-21 14", "2026-11-21T14:23+", "2026-11-21T14:23+15:00", "2026-11-21x14:23",
        "now now", "-2h ago", "+", "+10m ago", "@", "@x", "13:00pm", "0:30am", "2:30xm", "mo",
        "mond", "monday14:00", "Nov", "Nov 31", "Nov 21x", "14:23 CET", "14:23 +", "nowadays",
        "1795270985.", "9999999h", "99999999999999999999", "yesterday14h");
    CAPTURE(text);
    CHECK_THROWS_AS(in_utc(text), UsageError);
}

TEST_CASE("time: the error says what was expected") {
    CHECK_THROWS_WITH(in_utc("noon"), Contains("bad time 'noon'") && Contains("10m ago"));
}

TEST_CASE("a word that completion offers for a time is one") {
    for (const auto word : ctrack::query::time_words)
        CHECK_NOTHROW(parse_time(word, now));
}
