// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace ctrack {

/// The time between two walks over the open sockets, at most.
constexpr std::chrono::milliseconds slowest_pace{10'000};

/// The time between two walks, of which the last took so much CPU: such that walks take 1 % of one
/// CPU, if that is between the floor and 10 s.
inline std::chrono::milliseconds pace(std::chrono::milliseconds floor,
                                      std::chrono::microseconds walk_cost) {
    const auto of_one_percent = std::chrono::ceil<std::chrono::milliseconds>(100 * walk_cost);
    return std::clamp(of_one_percent, floor, slowest_pace);
}

} // namespace ctrack
