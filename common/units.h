// SPDX-License-Identifier: Apache-2.0
//
// Numbers with a unit, as users of both programs write them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ctrack {

struct Unit {
    std::string_view name;
    double factor; ///< how much of the smallest unit it is
};

/// A number that is followed by one of the units without a blank, such as "1.5kB". nullopt for
/// anything else, and for more than 2^62 of the smallest unit.
std::optional<std::int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units);

/// A length of time such as "50us", "1.5s", "2h" or "3days", in microseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);

} // namespace ctrack
