// SPDX-License-Identifier: Apache-2.0
#include "query/render/units.h"

#include <array>
#include <cmath>
#include <ctime>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <langinfo.h>

namespace ctrack::query {

namespace {

constexpr std::int64_t us_per_second = 1'000'000;

constexpr std::array all_units{
    UnitWord{"plain", Unit::plain, "shown as it is"},
    UnitWord{"text", Unit::text, "shown as it is, on the left"},
    UnitWord{"wide", Unit::wide, "text that may be cut to fit the terminal"},
    UnitWord{"outcome", Unit::outcome, "how a connection ended; coloured on a terminal"},
    UnitWord{"count", Unit::count, "shown as 1,204"},
    UnitWord{"bytes", Unit::bytes, "shown as 3.11MiB"},
    UnitWord{"bps", Unit::bps, "bits per second, shown as 94.1Mbit/s"},
    UnitWord{"duration", Unit::duration, "microseconds, shown as 87us, 12.3ms or 2m05s"},
    UnitWord{"time", Unit::time,
             "microseconds since the epoch, shown as 2026-11-21 14:23:05.000123"},
    UnitWord{"second", Unit::second, "microseconds since the epoch, shown as 2026-11-21 14:23:05"},
    UnitWord{"rate", Unit::rate, "a number per second, shown as 0.25/s"},
    UnitWord{"percent", Unit::percent, "shown as 12.5%, or <0.1% if it is little"},
    UnitWord{"spark", Unit::spark, "digits from 0 to 7 and blanks, shown as a small chart"},
    UnitWord{"json", Unit::json, "text that is JSON"},
};

// The number with three digits, as 1.23, 12.3 or 123.
std::string three_digits(double number) {
    const double size = std::fabs(number);
    const int decimals = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f}", size < 0.005 ? 0 : number, decimals); // never -0.00
}

// Divides the number by `factor` until at most three digits stand before the point. A small whole
// number stays whole.
std::string scaled(double number, double factor, std::span<const std::string_view> suffixes) {
    if (number == std::floor(number) && std::fabs(number) < factor)
        return fmt::format("{:.0f}{}", number, suffixes.front());
    std::size_t step = 0;
    while (std::fabs(number) >= (factor == 1024 ? 1023.5 : 999.5) && step + 1 < suffixes.size()) {
        number /= factor;
        ++step;
    }
    return three_digits(number) + std::string(suffixes[step]);
}

std::string bytes_text(double bytes) {
    static constexpr std::array<std::string_view, 6> suffixes{"B",   "KiB", "MiB",
                                                              "GiB", "TiB", "PiB"};
    return scaled(bytes, 1024, suffixes);
}

std::string bps_text(double bps) {
    static constexpr std::array<std::string_view, 5> suffixes{"bit/s", "kbit/s", "Mbit/s", "Gbit/s",
                                                              "Tbit/s"};
    return scaled(bps, 1000, suffixes);
}

std::string duration_text(double us) {
    static constexpr std::array<std::string_view, 3> suffixes{"us", "ms", "s"};
    if (std::fabs(us) < 59.995 * us_per_second)
        return scaled(us, 1000, suffixes);
    const auto seconds = static_cast<std::int64_t>(std::llround(us / us_per_second));
    const auto minutes = seconds / 60;
    const auto hours = minutes / 60;
    if (hours == 0)
        return fmt::format("{}m{:02}s", minutes, seconds % 60);
    if (hours < 24)
        return fmt::format("{}h{:02}m", hours, minutes % 60);
    return fmt::format("{}d{:02}h", hours / 24, hours % 24);
}

std::string clock_text(const char* form, const std::tm& shown) {
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), form, &shown)};
}

// A point in time as the local clock shows it, with `before` and `after` the fraction, which are
// forms of strftime.
std::string time_text(std::int64_t us, const char* before = "%F %T", const char* after = "") {
    const std::int64_t fraction = (us % us_per_second + us_per_second) % us_per_second;
    const std::time_t seconds = (us - fraction) / us_per_second;
    std::tm local{};
    if (localtime_r(&seconds, &local) == nullptr)
        return fmt::format("{}", us);
    return fmt::format("{}.{:06}{}", clock_text(before, local), fraction, clock_text(after, local));
}

std::string to_the_second(const std::string& time) { return time.substr(0, time.find('.')); }

// A share that is not nothing, or not all, does not look as if it were.
std::string percent_text(double percent) {
    if (percent > 0 && percent < 0.1)
        return "<0.1%";
    if (percent > 99.9 && percent < 100)
        return ">99.9%";
    return fmt::format("{:.1f}%", percent);
}

std::string number_in(double number, Unit unit) {
    switch (unit) {
    case Unit::count: return fmt::format("{:.0f}", std::nearbyint(number) + 0.0); // never -0
    case Unit::bytes: return bytes_text(number);
    case Unit::bps: return bps_text(number);
    case Unit::duration: return duration_text(number);
    case Unit::rate: return fmt::format("{:.3g}/s", number);
    case Unit::percent: return percent_text(number);
    default: return number_text(number);
    }
}

std::string thousands(std::int64_t number) {
    std::string digits = fmt::format("{}", number);
    const std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t i = digits.size(); i > first + 3;)
        digits.insert(i -= 3, ",");
    return digits;
}

// Where the terminal cannot show blocks, the digits stay, because they say as much.
std::string spark_text(const std::string& digits) {
    static constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (!shows_utf8())
        return digits;
    std::string text;
    for (const char c : digits)
        text += c >= '0' && c <= '7' ? std::string(blocks[c - '0']) : std::string(1, c);
    return text;
}

std::string integer_in(std::int64_t number, Unit unit) {
    if (unit == Unit::count)
        return thousands(number);
    if (unit == Unit::time)
        return time_text(number);
    if (unit == Unit::second)
        return to_the_second(time_text(number));
    if (!is_numeric(unit))
        return fmt::format("{}", number);
    return number_in(static_cast<double>(number), unit);
}

} // namespace

bool shows_utf8() { return std::string_view(nl_langinfo(CODESET)) == "UTF-8"; }

std::optional<Unit> unit_named(std::string_view name) {
    for (const auto& word : all_units)
        if (word.name == name)
            return word.unit;
    return std::nullopt;
}

std::span<const UnitWord> unit_words() { return all_units; }

bool is_numeric(Unit unit) {
    switch (unit) {
    case Unit::plain:
    case Unit::text:
    case Unit::wide:
    case Unit::outcome:
    case Unit::spark:
    case Unit::json:
    case Unit::time:
    case Unit::second: return false;
    default: return true;
    }
}

std::string iso_time(std::int64_t us) {
    auto text = time_text(us, "%FT%T", "%z");
    if (text.size() > 5 && text.find('T') != text.npos)
        text.insert(text.size() - 2, ":"); // +0100
    return text;
}

std::string number_text(double number) {
    return std::isfinite(number) ? nlohmann::json(number).dump() : fmt::format("{}", number);
}

std::string humanise(const Value& value, Unit unit) {
    if (const auto* text = std::get_if<std::string>(&value))
        return unit == Unit::spark ? spark_text(*text) : *text;
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return integer_in(*integer, unit);
    if (const auto* real = std::get_if<double>(&value))
        return number_in(*real, unit);
    return "-";
}

} // namespace ctrack::query
