// SPDX-License-Identifier: Apache-2.0
#include "recorder/ring.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include "recorder/load_error.h"
#include "schema/error.h"

namespace ctrack {

namespace {

std::size_t page_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

FileDescriptor make_map(std::uint32_t bytes) {
    FileDescriptor map(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ctrack_ring", 0, 0, bytes, nullptr));
    if (!map.valid() && errno != ENOMEM)
        throw_load_error(errno);
    if (!map.valid())
        throw Error(
            fmt::format("cannot make a ring buffer of {} bytes: {}", bytes, std::strerror(errno)));
    return map;
}

// Shared with the kernel, which writes the one and reads the other.
std::uint64_t load_position(std::byte* at) {
    return std::atomic_ref(*reinterpret_cast<std::uint64_t*>(at)).load(std::memory_order_acquire);
}

void store_position(std::byte* at, std::uint64_t position) {
    std::atomic_ref(*reinterpret_cast<std::uint64_t*>(at))
        .store(position, std::memory_order_release);
}

std::uint32_t load_header(std::byte* at) {
    return std::atomic_ref(*reinterpret_cast<std::uint32_t*>(at)).load(std::memory_order_acquire);
}

// A record's header is its length, with two flags, and a word of the kernel's own.
constexpr std::uint64_t header_bytes = BPF_RINGBUF_HDR_SZ;

std::uint64_t bytes_in_ring(std::uint32_t length) { return header_bytes + (length + 7) / 8 * 8; }

} // namespace

Mapping::Mapping(const FileDescriptor& map, std::size_t bytes, int protection, std::size_t offset)
    : bytes_(bytes) {
    void* begin =
        mmap(nullptr, bytes, protection, MAP_SHARED, map.get(), static_cast<off_t>(offset));
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

Ring::Ring(std::uint32_t bytes)
    : map_(make_map(bytes)), bytes_(bytes),
      consumer_(map_, page_bytes(), PROT_READ | PROT_WRITE, 0),
      producer_(map_, page_bytes() + 2 * std::size_t{bytes}, PROT_READ, page_bytes()) {}

std::uint64_t Ring::written() const { return load_position(producer_.at(0)); }

std::span<const std::byte> Ring::front() {
    while (read_ < seen_) {
        std::byte* record = producer_.at(page_bytes() + (read_ & (bytes_ - 1)));
        const std::uint32_t header = load_header(record);
        if (header & BPF_RINGBUF_BUSY_BIT)
            return {};
        const std::uint32_t length = header & ~BPF_RINGBUF_DISCARD_BIT;
        front_bytes_ = bytes_in_ring(length);
        if (length == header)
            return {record + header_bytes, length};
        pop(); // discarded
    }
    return {};
}

// Each store disturbs the CPUs that write.
void Ring::pop() {
    read_ += front_bytes_;
    if (read_ - released_ >= bytes_ / 16)
        release();
}

void Ring::release() {
    if (released_ != read_)
        store_position(consumer_.at(0), released_ = read_);
}

} // namespace ctrack
