// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ctrack {

/// Turns the kernel's times into times of the wall clock.
struct WallTime {
    std::int64_t offset_us; ///< wall clock minus CLOCK_BOOTTIME

    std::int64_t of(std::uint64_t boottime_ns) const {
        return static_cast<std::int64_t>(boottime_ns / 1000) + offset_us;
    }
};

/// Counts walks over all sockets. A socket is gone if two walks in a row have not met it. One walk
/// is not enough, because the record that tells of a new socket may still be in a ring.
class WalkCount {
public:
    void begin() { ++newest_; }
    std::uint32_t newest() const { return newest_; }
    bool is_gone(std::uint32_t seen_in) const { return seen_in + 1 < newest_; }

private:
    std::uint32_t newest_ = 0;
};

} // namespace ctrack
