// SPDX-License-Identifier: Apache-2.0
#include "query/time/time_parts.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "common/units.h"

namespace ctrack::query {

namespace {

using std::int64_t;

constexpr std::array<std::string_view, 7> weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> months{"january",   "february", "march",    "april",
                                                  "may",       "june",     "july",     "august",
                                                  "september", "october",  "november", "december"};

// A length of more than a thousand years is refused, because it is probably a typing error.
constexpr int64_t longest_us = int64_t{1000} * 365 * 86400 * us_per_second;

std::string take_lower(Scanner& in) {
    std::string word(in.take_while(std::isalpha));
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return word;
}

// Where the word is among the names; its first three letters are enough.
template <std::size_t count>
std::optional<int> place_of(std::string_view word,
                            const std::array<std::string_view, count>& names) {
    for (std::size_t i = 0; i < count; ++i)
        if (word == names[i] || (word.size() == 3 && names[i].starts_with(word)))
            return static_cast<int>(i);
    return std::nullopt;
}

std::optional<std::tm> checked(std::tm date) {
    std::tm normal = date;
    timegm(&normal); // turns 30 February into a day of March
    if (normal.tm_mon != date.tm_mon || normal.tm_mday != date.tm_mday)
        return std::nullopt;
    return date;
}

// Takes the am or pm that may follow, and returns the hour of the day; nothing if there is no such
// hour.
std::optional<int> take_half_of_day(Scanner& in, int hour) {
    Scanner ahead = in;
    const auto half = take_lower(ahead);
    if (half != "am" && half != "pm")
        return hour;
    in = ahead;
    if (hour < 1 || hour > 12)
        return std::nullopt;
    return hour % 12 + (half == "pm" ? 12 : 0);
}

int is_in_number(int c) { return std::isdigit(c) || c == '.'; }

} // namespace

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
    return checked(date);
}

std::optional<std::tm> take_month_and_day(Scanner& in, int64_t now_us) {
    const auto month = place_of(take_lower(in), months);
    in.skip_blanks();
    const auto day = in.take_number(1, 2);
    if (!month || !day)
        return std::nullopt;
    auto tomorrow = day_of(now_us);
    ++tomorrow.tm_mday;
    std::tm date{};
    date.tm_year = tomorrow.tm_year;
    date.tm_mon = *month;
    date.tm_mday = static_cast<int>(*day);
    if (time_on(date, {}) > time_on(tomorrow, {}))
        --date.tm_year;
    return checked(date);
}

std::optional<ClockTime> take_clock(Scanner& in) {
    const auto hour = in.take_number(1, 2);
    if (!hour || *hour > 23 || !in.take(':'))
        return std::nullopt;
    const auto minute = in.take_number(2, 2);
    if (!minute || *minute > 59)
        return std::nullopt;
    ClockTime clock{static_cast<int>(*hour), static_cast<int>(*minute)};
    if (in.take(':')) {
        const auto second = in.take_number(2, 2);
        const auto us = in.take_fraction();
        if (!second || *second > 60 || !us)
            return std::nullopt;
        clock.second = static_cast<int>(*second);
        clock.us = *us;
    }
    const auto of_day = take_half_of_day(in, clock.hour);
    if (!of_day)
        return std::nullopt;
    clock.hour = *of_day;
    return clock;
}

std::optional<int64_t> take_offset(Scanner& in) {
    if (const auto name = take_lower(in); !name.empty())
        return name == "z" || name == "utc" ? std::optional<int64_t>(0) : std::nullopt;
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

std::optional<int64_t> take_length(Scanner& in) {
    int64_t length_us = 0;
    if (!in.at_digit())
        return std::nullopt;
    while (in.at_digit()) {
        std::string number_and_unit(in.take_while(is_in_number));
        in.skip_blanks();
        number_and_unit += in.take_while(std::isalpha);
        in.skip_blanks();
        const auto us = parse_duration(number_and_unit);
        if (!us || *us > longest_us - length_us)
            return std::nullopt;
        length_us += *us;
    }
    return length_us;
}

std::optional<int> take_day_name(Scanner& in, const std::tm& today) {
    const auto word = take_lower(in);
    if (word == "today" || word == "tomorrow" || word == "yesterday")
        return word == "today" ? 0 : word == "tomorrow" ? 1 : -1;
    if (const auto weekday = place_of(word, weekdays))
        return -((today.tm_wday - *weekday + 7) % 7);
    return std::nullopt;
}

} // namespace ctrack::query
