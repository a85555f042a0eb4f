// SPDX-License-Identifier: Apache-2.0
#include "query/filter/numbers.h"

#include <array>
#include <charconv>
#include <cstring>

#include "common/units.h"

namespace ctrack::query::filter {

namespace {

constexpr std::array<Unit, 10> size_units{{{"", 1},
                                           {"B", 1},
                                           {"kB", 1e3},
                                           {"MB", 1e6},
                                           {"GB", 1e9},
                                           {"TB", 1e12},
                                           {"KiB", 0x1p10},
                                           {"MiB", 0x1p20},
                                           {"GiB", 0x1p30},
                                           {"TiB", 0x1p40}}};

constexpr int greatest_errno = 4095; // as in the kernel

} // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end)
        return std::nullopt;
    return number;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
    return text == "0" ? 0 : ctrack::parse_duration(text);
}

std::optional<std::int64_t> parse_size(std::string_view text) {
    return parse_with_unit(text, size_units);
}

std::optional<std::int64_t> parse_errno(std::string_view text) {
    if (const auto number = parse_integer(text))
        return *number >= 0 ? number : std::nullopt;
    for (int number = 1; number <= greatest_errno; ++number)
        if (const char* name = strerrorname_np(number); name != nullptr && name == text)
            return number;
    return std::nullopt;
}

} // namespace ctrack::query::filter
