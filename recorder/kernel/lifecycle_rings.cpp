// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/lifecycle_rings.h"

#include <cerrno>
#include <cstring>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include "common/error.h"
#include "recorder/kernel/load_error.h"

namespace ctrack {

namespace {

FileDescriptor make_map(std::uint32_t bytes) {
    FileDescriptor map(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ctrack_ring", 0, 0, bytes, nullptr));
    if (!map.valid())
        throw_load_error(errno);
    return map;
}

} // namespace

RingBuffer::RingBuffer(std::uint32_t bytes)
    : bytes_(bytes), map_(make_map(bytes)),
      consumer_(map_memory(map_.get(), page_bytes(), PROT_READ | PROT_WRITE, 0)),
      producer_(
          map_memory(map_.get(), page_bytes() + 2 * std::size_t{bytes}, PROT_READ, page_bytes())) {}

RingMemory RingBuffer::memory() const {
    return {consumer_.get(), producer_.get(), producer_.get() + page_bytes(), bytes_};
}

LifecycleRings::LifecycleRings(const RingLayout& layout) : layout_(layout) {
    for (std::uint64_t i = 0; i < layout.rings; ++i)
        rings_.emplace_back(static_cast<std::uint32_t>(layout.bytes_of_one));
}

std::vector<RingReader> LifecycleRings::readers() const {
    std::vector<RingReader> readers;
    for (const RingBuffer& ring : rings_)
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

} // namespace ctrack
