// SPDX-License-Identifier: Apache-2.0
//
// How many RTT samples were how long, in buckets of which the longest round trip is at most a
// sixteenth longer than the shortest: 16 buckets for each power of two. Up to 31 us each length has
// a bucket of its own. The view minute_rtts in schema/schema.sql gives the bounds of a bucket.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace ctrack {

inline constexpr std::size_t rtt_buckets = 464; ///< for all lengths of 32 bits

constexpr std::size_t rtt_bucket(std::uint32_t rtt_us) {
    if (rtt_us < 16)
        return rtt_us;
    const auto power = static_cast<std::size_t>(std::bit_width(rtt_us)) - 1;
    return (power - 3) * 16 + (rtt_us >> (power - 4) & 15);
}

struct RttHistogram {
    std::array<std::uint32_t, rtt_buckets> buckets{};
    std::uint32_t min_us = UINT32_MAX, max_us = 0; ///< of samples there are, if any
    std::int64_t samples = 0, sum_us = 0;

    void add(std::uint32_t rtt_us) {
        ++buckets[rtt_bucket(rtt_us)];
        min_us = std::min(min_us, rtt_us);
        max_us = std::max(max_us, rtt_us);
        ++samples;
        sum_us += rtt_us;
    }

    RttHistogram& operator+=(const RttHistogram& more) {
        for (std::size_t i = 0; i < rtt_buckets; ++i)
            buckets[i] += more.buckets[i];
        min_us = std::min(min_us, more.min_us);
        max_us = std::max(max_us, more.max_us);
        samples += more.samples;
        sum_us += more.sum_us;
        return *this;
    }
};

} // namespace ctrack
