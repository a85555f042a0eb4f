// SPDX-License-Identifier: Apache-2.0
//
// The rings that the program writes to: made, handed to it, mapped. Part of the probe:
// knows libbpf.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <bpf/libbpf.h>

#include "recorder/kernel/ring.h"
#include "recorder/kernel/sample_reader.h"

#include "bpf/ctrack_event.h"

namespace ctrack {

/// BPF's ring buffers, for lifecycle records.
class LifecycleRings {
public:
    /// bytes: of all together, rounded up to a power of two. Throws Error.
    explicit LifecycleRings(std::uint64_t bytes);

    const std::vector<Ring>& all() const { return rings_; }
    std::uint64_t bytes_of_one() const { return layout_.bytes_of_one; }
    std::vector<RingReader> readers() const;

    /// Hands them to the program that is loaded. Throws Error.
    void put_in(const bpf_map* array) const;

private:
    RingLayout layout_;
    std::vector<Ring> rings_;
};

/// Our own, for RTT samples (bpf/sample_rings.h).
class SampleRings {
public:
    /// bytes: of all together, rounded up to a power of two.
    explicit SampleRings(std::uint64_t bytes);

    std::uint64_t bytes_of_one() const { return layout_.bytes_of_one; }

    /// Tells a program that is not yet loaded how large they are.
    void set_sizes(bpf_map* samples, ctrack_settings& settings) const;

    /// Those of a program that is loaded. The readers are good while this lives. Throws Error.
    std::vector<SampleReader> map(const bpf_map* samples, ctrack_sample_ring* rings);

private:
    unsigned shift() const;

    RingLayout layout_;
    std::optional<Mapping> memory_;
};

} // namespace ctrack
