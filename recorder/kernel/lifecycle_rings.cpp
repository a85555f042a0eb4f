// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/ring.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

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

std::size_t page_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

Mapping::Mapping(int map, std::size_t bytes, int protection, std::size_t offset) : bytes_(bytes) {
    void* begin = mmap(nullptr, bytes, protection, MAP_SHARED, map, static_cast<off_t>(offset));
    if (begin == MAP_FAILED)
        throw Error(fmt::format("cannot map a ring buffer: {}", std::strerror(errno)));
    begin_ = static_cast<std::byte*>(begin);
}

Mapping::Mapping(Mapping&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), bytes_(other.bytes_) {}

Mapping::~Mapping() {
    if (begin_)
        munmap(begin_, bytes_);
}

RingLayout lay_out_rings(std::uint64_t bytes, std::uint64_t least_bytes_of_one,
                         std::uint64_t most_rings) {
    const std::uint64_t total = std::bit_ceil(std::max<std::uint64_t>(bytes, page_bytes()));
    const std::uint64_t rings =
        std::clamp<std::uint64_t>(total / least_bytes_of_one, 1, most_rings);
    return {rings, total / rings};
}

Ring::Ring(std::uint32_t bytes)
    : bytes_(bytes), map_(make_map(bytes)),
      consumer_(map_.get(), page_bytes(), PROT_READ | PROT_WRITE, 0),
      producer_(map_.get(), page_bytes() + 2 * std::size_t{bytes}, PROT_READ, page_bytes()) {}

RingMemory Ring::memory() const {
    return {consumer_.at(0), producer_.at(0), producer_.at(page_bytes()), bytes_};
}

} // namespace ctrack
