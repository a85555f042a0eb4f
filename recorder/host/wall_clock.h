// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <utility>

#include "common/clock.h"

namespace ctrack {

/// The wall clock as it was when a recording began. It gives all times of the recording, so that
/// stepping the host's clock changes neither their order nor their distances.
class WallClock {
public:
    /// The function returns the wall clock minus CLOCK_BOOTTIME.
    explicit WallClock(std::function<std::int64_t()> offset_us = clock_offset_us)
        : read_offset_us_(std::move(offset_us)), offset_us_(read_offset_us_()) {}

    /// This clock minus CLOCK_BOOTTIME.
    std::int64_t offset_us() const { return offset_us_; }

    std::int64_t now_us() const { return clock_now_us(CLOCK_BOOTTIME) + offset_us_; }

    /// How far the clock of the host has been stepped since the recording began. Changes of less
    /// than 10 ms are left out, because two readings of a clock that was not stepped differ too.
    std::int64_t step_us() {
        const std::int64_t step_us = read_offset_us_() - offset_us_;
        if (std::abs(step_us - step_us_) >= least_step_us)
            step_us_ = step_us;
        return step_us_;
    }

private:
    static constexpr std::int64_t least_step_us = 10'000;

    std::function<std::int64_t()> read_offset_us_;
    std::int64_t offset_us_;
    std::int64_t step_us_ = 0;
};

} // namespace ctrack
