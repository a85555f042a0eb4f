// SPDX-License-Identifier: Apache-2.0
//
// Random numbers that are the same everywhere: those of <random> are not.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace ctrack::bench {

/// A good mix of all bits (splitmix64's).
constexpr std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t bits() { return mix(state_++); }

    /// In [0, 1).
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

    /// In [0, bound).
    std::uint64_t below(std::uint64_t bound) { return bits() % bound; }

    bool chance(double probability) { return uniform() < probability; }

    /// Log-normal: half of them below the median, few of them far above.
    double log_normal(double median, double sigma) {
        const double radius = std::sqrt(-2 * std::log(1 - uniform()));
        return median * std::exp(sigma * radius * std::cos(2 * std::numbers::pi * uniform()));
    }

    /// In [0, count), each half as often as one of half its number: 0 is the most common.
    std::uint64_t rank(std::uint64_t count) {
        const double last = static_cast<double>(count);
        return static_cast<std::uint64_t>(std::exp(uniform() * std::log(last + 1))) - 1;
    }

private:
    std::uint64_t state_;
};

} // namespace ctrack::bench
