// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>

namespace ctrack {

/// Now on a clock of the kernel, in microseconds.
inline std::int64_t clock_now_us(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

/// Now on the wall clock, in microseconds since the Unix epoch.
inline std::int64_t now_us() { return clock_now_us(CLOCK_REALTIME); }

/// The wall clock minus CLOCK_BOOTTIME, which is the clock of all kernel records. It changes only
/// when the wall clock is stepped, because slewing moves both clocks.
inline std::int64_t clock_offset_us() {
    const std::int64_t before = clock_now_us(CLOCK_BOOTTIME);
    const std::int64_t wall = clock_now_us(CLOCK_REALTIME);
    const std::int64_t after = clock_now_us(CLOCK_BOOTTIME);
    return wall - (before + (after - before) / 2);
}

} // namespace ctrack
