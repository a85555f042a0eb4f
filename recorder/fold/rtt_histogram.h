// SPDX-License-Identifier: Apache-2.0
//
// How many RTT samples were how long.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "common/rtt_buckets.h"

namespace ctrack {

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
