// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ctrack {

/// The kernel's times as those of the wall clock.
struct WallTime {
    std::int64_t offset_us; ///< wall clock minus CLOCK_BOOTTIME

    std::int64_t of(std::uint64_t boottime_ns) const {
        return static_cast<std::int64_t>(boottime_ns / 1000) + offset_us;
    }
};

/// Counts walks. What two of them have not met is gone: in one it could still be on its way
/// through the ring.
class WalkCount {
public:
    void begin() { ++newest_; }
    std::uint32_t newest() const { return newest_; }
    bool is_gone(std::uint32_t seen_in) const { return seen_in + 1 < newest_; }

private:
    std::uint32_t newest_ = 0;
};

} // namespace ctrack
