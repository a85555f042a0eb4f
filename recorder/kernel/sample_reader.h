// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bpf/ctrack_event.h"

namespace ctrack {

/// Where a ring of samples is mapped (bpf/sample_rings.h).
struct SampleMemory {
    ctrack_sample_ring* ring;
    ctrack_rtt* samples; ///< its 1 << shift places
    unsigned shift;
};

/// Reads a ring of samples in place, as RingReader reads one of BPF's.
class SampleReader {
public:
    explicit SampleReader(const SampleMemory& memory) : memory_(memory) {}

    /// Sees what is there now; front() gives no more than that.
    void look() { seen_ = written(); }

    /// The oldest sample; empty if there is none, or it is still being written.
    std::span<const std::byte> front() const;

    /// Done with the front. Its place is free again after release(), or once much is read.
    void pop();
    void release();

    /// Positions: samples since the ring was made.
    std::uint64_t written() const;
    std::uint64_t read() const { return read_; }

private:
    SampleMemory memory_;
    std::uint64_t seen_ = 0;
    std::uint64_t read_ = 0;
    std::uint64_t released_ = 0;
};

} // namespace ctrack
