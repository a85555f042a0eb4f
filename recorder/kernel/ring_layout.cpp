// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/ring_layout.h"

#include <algorithm>

#include <unistd.h>

#include "bpf/ctrack_event.h"

namespace ctrack {

namespace {

// A CPU writes the lifecycle records of 4096 connections to one ring, because the kernel gives it
// 4096 cookies at a time, and then goes on to another ring. In a storm these records take 2.2 MiB.
constexpr std::uint64_t least_lifecycle_bytes = 4 << 20;
constexpr std::uint64_t least_sample_bytes = 1 << 20;
constexpr std::uint64_t most_wakeup_bytes = 256 << 10;

// A CPU writes its samples to one ring, so more rings than CPUs would stay empty.
std::uint64_t most_sample_rings() {
    const auto cpus = static_cast<std::uint64_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
    return std::min<std::uint64_t>(std::bit_ceil(cpus), CTRACK_MAX_RINGS);
}

RingLayout lay_out(std::uint64_t bytes, std::uint64_t least_bytes_of_one,
                   std::uint64_t most_rings) {
    const std::uint64_t total = std::bit_ceil(std::max<std::uint64_t>(bytes, page_bytes()));
    const std::uint64_t rings =
        std::clamp<std::uint64_t>(total / least_bytes_of_one, 1, most_rings);
    return {rings, total / rings};
}

} // namespace

RingLayout lay_out_lifecycle_rings(std::uint64_t bytes) {
    return lay_out(bytes, least_lifecycle_bytes, CTRACK_MAX_RINGS);
}

RingLayout lay_out_sample_rings(std::uint64_t bytes) {
    return lay_out(bytes, least_sample_bytes, most_sample_rings());
}

std::uint64_t wakeup_bytes(const RingLayout& lifecycle, const RingLayout& samples) {
    return std::min({most_wakeup_bytes, lifecycle.bytes_of_one / 4, samples.bytes_of_one / 4});
}

std::size_t page_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

} // namespace ctrack
