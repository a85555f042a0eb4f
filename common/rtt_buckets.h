// SPDX-License-Identifier: Apache-2.0
//
// RTT samples are counted in buckets, in which the longest round trip is at most a sixteenth longer
// than the shortest: 16 buckets for each power of two. Up to 31 us each length has a bucket of its
// own. The view minute_rtts in schema/schema.sql works out the same bounds.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace ctrack {

inline constexpr std::size_t rtt_buckets = 464; ///< for all lengths of 32 bits

/// The bucket of a round trip.
constexpr std::size_t rtt_bucket(std::uint32_t rtt_us) {
    if (rtt_us < 16)
        return rtt_us;
    const auto power = static_cast<std::size_t>(std::bit_width(rtt_us)) - 1;
    return (power - 3) * 16 + (rtt_us >> (power - 4) & 15);
}

/// The shortest round trip of a bucket.
constexpr std::int64_t shortest_in_rtt_bucket(std::size_t bucket) {
    const auto place = static_cast<std::int64_t>(bucket);
    return place < 16 ? place : (16 + place % 16) << (place / 16 - 1);
}

/// The middle of a bucket, which is at most 3.2 % off.
constexpr std::int64_t middle_of_rtt_bucket(std::size_t bucket) {
    return (shortest_in_rtt_bucket(bucket) + shortest_in_rtt_bucket(bucket + 1) - 1) / 2;
}

} // namespace ctrack
