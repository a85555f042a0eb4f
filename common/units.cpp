// SPDX-License-Identifier: Apache-2.0
#include "common/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace ctrack {

namespace {

constexpr std::array time_units = std::to_array<Unit>({
    {"us", 1},         {"\u00b5s", 1},     {"usec", 1},           {"microseconds", 1},
    {"ms", 1e3},       {"msec", 1e3},      {"milliseconds", 1e3}, {"s", 1e6},
    {"sec", 1e6},      {"secs", 1e6},      {"second", 1e6},       {"seconds", 1e6},
    {"m", 60e6},       {"min", 60e6},      {"mins", 60e6},        {"minute", 60e6},
    {"minutes", 60e6}, {"h", 3600e6},      {"hr", 3600e6},        {"hrs", 3600e6},
    {"hour", 3600e6},  {"hours", 3600e6},  {"d", 86400e6},        {"day", 86400e6},
    {"days", 86400e6}, {"w", 7 * 86400e6}, {"week", 7 * 86400e6}, {"weeks", 7 * 86400e6},
});

} // namespace

std::optional<std::int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
    const auto size = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto unit = std::ranges::find(units, text.substr(size), &Unit::name);
    double number = 0;
    const auto* end = text.data() + size;
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end || unit == units.end() ||
        number * unit->factor > 0x1p62)
        return std::nullopt;
    return std::llround(number * unit->factor);
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
    return parse_with_unit(text, time_units);
}

} // namespace ctrack
