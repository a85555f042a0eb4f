// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/sample_rings.h"

#include <bit>
#include <cstdint>

namespace ctrack {

// A ring has 1 << shift places, each for one sample.
unsigned SampleRings::shift() const {
    return static_cast<unsigned>(std::countr_zero(layout_.bytes_of_one / sizeof(ctrack_rtt)));
}

void SampleRings::set_sizes(bpf_map* samples, ctrack_settings& settings) const {
    const auto rings = static_cast<std::uint32_t>(layout_.rings);
    bpf_map__set_max_entries(samples, rings << shift());
    settings.sample_rings = rings;
    settings.sample_ring_shift = shift();
}

std::vector<SampleReader> SampleRings::map(const bpf_map* samples, ctrack_sample_ring* rings) {
    memory_ = map_memory(bpf_map__fd(samples), layout_.rings * layout_.bytes_of_one, PROT_READ, 0);
    std::vector<SampleReader> readers;
    for (std::uint64_t i = 0; i < layout_.rings; ++i) {
        auto* places = reinterpret_cast<ctrack_rtt*>(memory_.get() + i * layout_.bytes_of_one);
        readers.emplace_back(SampleMemory{&rings[i], places, shift()});
    }
    return readers;
}

} // namespace ctrack
