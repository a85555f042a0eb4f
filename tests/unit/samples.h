// SPDX-License-Identifier: Apache-2.0
//
// A ring of RTT samples, and who writes to it.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "recorder/kernel/ring_reader.h"

namespace ctrack {

/// Writes as bpf/sample_rings.h does, but claims and fills at different moments.
class SampleProgram {
public:
    static constexpr unsigned shift = 6;
    static constexpr std::uint64_t capacity = 1 << shift;

    SampleMemory memory() { return {&ring_, samples_.data(), shift}; }

    bool is_full() const { return ring_.written - ring_.read >= capacity; }

    std::uint64_t claim() { return ring_.written++; }

    void fill(std::uint64_t position, std::uint64_t time_ns) {
        ctrack_rtt& sample = samples_[position % capacity];
        sample.time_ns = time_ns;
        sample.lap = static_cast<__u16>(position / capacity + 1);
    }

    void write(std::uint64_t time_ns) { fill(claim(), time_ns); }

    std::uint64_t released() const { return ring_.read; }

private:
    ctrack_sample_ring ring_{};
    std::array<ctrack_rtt, capacity> samples_{};
};

/// 0 if there is no sample.
inline std::uint64_t time_in(std::span<const std::byte> record) {
    ctrack_rtt sample{};
    if (record.size() == sizeof sample)
        std::memcpy(&sample, record.data(), sizeof sample);
    return sample.time_ns;
}

} // namespace ctrack
