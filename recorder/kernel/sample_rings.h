// SPDX-License-Identifier: Apache-2.0
//
// The rings of RTT samples, which are of our own making (bpf/sample_rings.h): sized, and mapped
// once the program is loaded. This file knows libbpf.
#pragma once

#include <vector>

#include <bpf/libbpf.h>

#include "recorder/kernel/mapping.h"
#include "recorder/kernel/ring_layout.h"
#include "recorder/kernel/sample_reader.h"

#include "bpf/ctrack_event.h"

namespace ctrack {

class SampleRings {
public:
    explicit SampleRings(const RingLayout& layout) : layout_(layout) {}

    const RingLayout& layout() const { return layout_; }

    /// Tells a program that is not yet loaded how large the rings are.
    void set_sizes(bpf_map* samples, ctrack_settings& settings) const;

    /// Maps the rings of a program that is loaded. The readers are valid as long as this object
    /// lives. Throws Error.
    std::vector<SampleReader> map(const bpf_map* samples, ctrack_sample_ring* rings);

private:
    unsigned shift() const;

    RingLayout layout_;
    Mapping memory_{};
};

} // namespace ctrack
