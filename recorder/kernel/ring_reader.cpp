// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/ring_reader.h"

#include <atomic>

#include <linux/bpf.h>

namespace ctrack {

namespace {

// Memory that is shared with the kernel, which writes to it at the same time.
template <class Word> std::atomic_ref<Word> shared(std::byte* at) {
    return std::atomic_ref(*reinterpret_cast<Word*>(at));
}

// The header of a record is its length with two flags, and a word that the kernel has for itself.
constexpr std::uint64_t header_bytes = BPF_RINGBUF_HDR_SZ;

std::uint64_t bytes_in_ring(std::uint32_t length) { return header_bytes + (length + 7) / 8 * 8; }

} // namespace

std::uint64_t RingReader::written() const {
    return shared<std::uint64_t>(memory_.producer).load(std::memory_order_acquire);
}

std::span<const std::byte> RingReader::front() {
    while (read_ < seen_) {
        std::byte* record = memory_.records + (read_ & (memory_.bytes - 1));
        const auto header = shared<std::uint32_t>(record).load(std::memory_order_acquire);
        if (header & BPF_RINGBUF_BUSY_BIT)
            return {};
        const std::uint32_t length = header & ~BPF_RINGBUF_DISCARD_BIT;
        front_bytes_ = bytes_in_ring(length);
        if (length == header)
            return {record + header_bytes, length};
        pop(); // the program has discarded this record
    }
    return {};
}

// The position is not stored for each record, because each store disturbs the CPUs that write.
void RingReader::pop() {
    read_ += front_bytes_;
    if (read_ - released_ >= memory_.bytes / 16)
        release();
}

void RingReader::release() {
    if (released_ != read_)
        shared<std::uint64_t>(memory_.consumer).store(released_ = read_, std::memory_order_release);
}

} // namespace ctrack
