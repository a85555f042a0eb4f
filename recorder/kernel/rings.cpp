// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/rings.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/epoll.h>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include "common/error.h"
#include "recorder/kernel/load.h"

#include "bpf/ctrack_event.h"

namespace ctrack {

Rings::Rings(const ctrack_bpf& skeleton, const ProbeOptions& options, const FileDescriptor& stop)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), stop_(stop.get()),
      lifecycle(make_lifecycle_rings(skeleton.maps.lifecycle_rings, options.lifecycle_rings)),
      samples(map_sample_rings(skeleton, options.sample_rings)) {
    wait_for(stop_, EPOLLIN);
}

void Rings::wait_for(int descriptor, unsigned events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        throw Error(fmt::format("cannot wait for events: {}", std::strerror(errno)));
}

bool Rings::wait(std::chrono::milliseconds timeout) const {
    std::array<epoll_event, CTRACK_MAX_RINGS + 1> events{};
    const int ready =
        epoll_wait(epoll_.get(), events.data(), events.size(), static_cast<int>(timeout.count()));
    return std::any_of(events.begin(), events.begin() + std::max(ready, 0),
                       [this](const epoll_event& event) { return event.data.fd == stop_; });
}

std::byte* Rings::map(int descriptor, std::size_t bytes, int protection, std::size_t offset) {
    void* begin =
        mmap(nullptr, bytes, protection, MAP_SHARED, descriptor, static_cast<off_t>(offset));
    if (begin == MAP_FAILED)
        throw Error(fmt::format("cannot map a ring buffer: {}", std::strerror(errno)));
    memory_.push_back({static_cast<std::byte*>(begin), Unmap{bytes}});
    return memory_.back().get();
}

// A ring's map has our position in its first page. The kernel's position follows in a page of its
// own, and the records behind it, twice in a row. A ring with anything in it always reads as ready.
// Only the edge is worth waking up for: the wakeup that the program sends when the ring is well
// filled.
std::vector<RingReader> Rings::make_lifecycle_rings(const bpf_map* array,
                                                    const RingLayout& layout) {
    const auto bytes = static_cast<std::uint32_t>(layout.bytes_of_one);
    std::vector<RingReader> readers;
    for (std::uint32_t index = 0; index < layout.rings; ++index) {
        const int ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ctrack_ring", 0, 0, bytes, nullptr);
        if (ring < 0)
            throw_load_error(errno);
        lifecycle_maps_.emplace_back(ring);
        if (bpf_map__update_elem(array, &index, sizeof index, &ring, sizeof ring, BPF_ANY) != 0)
            throw Error(fmt::format("cannot hand a ring buffer to the kernel program: {}",
                                    std::strerror(errno)));
        wait_for(ring, EPOLLIN | EPOLLET);
        auto* consumer = map(ring, page_bytes(), PROT_READ | PROT_WRITE, 0);
        auto* producer = map(ring, page_bytes() + 2 * std::size_t{bytes}, PROT_READ, page_bytes());
        readers.emplace_back(RingMemory{reinterpret_cast<__u64*>(consumer),
                                        reinterpret_cast<__u64*>(producer), producer + page_bytes(),
                                        bytes});
    }
    return readers;
}

std::vector<SampleReader> Rings::map_sample_rings(const ctrack_bpf& skeleton,
                                                  const RingLayout& layout) {
    auto* places = reinterpret_cast<ctrack_rtt*>(
        map(bpf_map__fd(skeleton.maps.samples), layout.rings * layout.bytes_of_one, PROT_READ, 0));
    const unsigned shift = skeleton.rodata->settings.sample_ring_shift;
    std::vector<SampleReader> readers;
    for (std::uint64_t i = 0; i < layout.rings; ++i)
        readers.emplace_back(
            SampleMemory{&skeleton.bss->sample_rings[i], places + (i << shift), shift});
    return readers;
}

} // namespace ctrack
