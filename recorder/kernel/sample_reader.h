// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bpf/ctrack_event.h"

namespace ctrack {

/// Where a ring of samples is mapped. bpf/sample_rings.h describes it.
struct SampleMemory {
    ctrack_sample_ring* ring;
    ctrack_rtt* samples; ///< its 1 << shift places
    unsigned shift;
};

/// Reads a ring of samples in place, as RingReader reads one of BPF's ring buffers.
class SampleReader {
public:
    explicit SampleReader(const SampleMemory& memory) : memory_(memory) {}

    /// Notes what is in the ring now. front() gives only these samples, so that a drain ends.
    void look() { seen_ = written(); }

    /// The oldest sample; empty if there is none, or if it is still being written.
    std::span<const std::byte> front() const;

    /// Takes the sample that front() gave. The program gets its place back by release(), which
    /// pop() calls when much has been read.
    void pop();
    void release();

    /// Positions, counted in samples since the ring was made.
    std::uint64_t written() const;
    std::uint64_t read() const { return read_; }

private:
    SampleMemory memory_;
    std::uint64_t seen_ = 0;
    std::uint64_t read_ = 0;
    std::uint64_t released_ = 0;
};

} // namespace ctrack
