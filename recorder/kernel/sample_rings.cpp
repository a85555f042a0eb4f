// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/probe_rings.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

namespace {

// One for each CPU, as far as they go.
std::uint64_t most_sample_rings() {
    const auto cpus = static_cast<std::uint64_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
    return std::min<std::uint64_t>(std::bit_ceil(cpus), CTRACK_MAX_RINGS);
}

} // namespace

// A CPU writes to one for the 4096 cookies that the kernel gives it, then to another; with a
// storm's connections these take 2.2 MiB (options.h).
LifecycleRings::LifecycleRings(std::uint64_t bytes)
    : layout_(lay_out_rings(bytes, 4 << 20, CTRACK_MAX_RINGS)) {
    for (std::uint64_t i = 0; i < layout_.rings; ++i)
        rings_.emplace_back(static_cast<std::uint32_t>(layout_.bytes_of_one));
}

std::vector<RingReader> LifecycleRings::readers() const {
    std::vector<RingReader> readers;
    for (const Ring& ring : rings_)
        readers.emplace_back(ring.memory());
    return readers;
}

void LifecycleRings::put_in(const bpf_map* array) const {
    for (std::uint32_t index = 0; index < rings_.size(); ++index) {
        const int map = rings_[index].map().get();
        if (bpf_map__update_elem(array, &index, sizeof index, &map, sizeof map, BPF_ANY) != 0)
            throw Error(fmt::format("cannot hand a ring buffer to the kernel program: {}",
                                    std::strerror(errno)));
    }
}

SampleRings::SampleRings(std::uint64_t bytes)
    : layout_(lay_out_rings(bytes, 1 << 20, most_sample_rings())) {}

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
    memory_.emplace(bpf_map__fd(samples), layout_.rings * layout_.bytes_of_one, PROT_READ, 0);
    std::vector<SampleReader> readers;
    for (std::uint64_t i = 0; i < layout_.rings; ++i) {
        auto* places = reinterpret_cast<ctrack_rtt*>(memory_->at(i * layout_.bytes_of_one));
        readers.emplace_back(SampleMemory{&rings[i], places, shift()});
    }
    return readers;
}

} // namespace ctrack
