// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/ring_reader.h"

#include <atomic>

#include <linux/bpf.h>

namespace ctrack {

namespace {

// A word that is shared with the kernel, which writes it at the same time.
template <class Word> std::atomic_ref<Word> shared(Word* word) { return std::atomic_ref(*word); }

// The header of a record is its length with two flags, and a word that the kernel has for itself.
constexpr std::uint64_t header_bytes = BPF_RINGBUF_HDR_SZ;

std::uint64_t bytes_in_ring(std::uint32_t length) { return header_bytes + (length + 7) / 8 * 8; }

} // namespace

std::uint64_t RingPositions::written() const {
    return shared(shared_written_).load(std::memory_order_acquire);
}

// The position is not stored for each record, because each store disturbs the CPUs that write.
void RingPositions::pop() {
    read_ += front_size_;
    if (read_ - released_ >= size_ / 16)
        release();
}

void RingPositions::release() {
    if (released_ != read_)
        shared(shared_released_).store(released_ = read_, std::memory_order_release);
}

std::span<const std::byte> RingReader::front() {
    while (has_front()) {
        std::byte* record = memory_.records + (read() & (memory_.bytes - 1));
        const auto header =
            shared(reinterpret_cast<std::uint32_t*>(record)).load(std::memory_order_acquire);
        if (header & BPF_RINGBUF_BUSY_BIT)
            return {};
        const std::uint32_t length = header & ~BPF_RINGBUF_DISCARD_BIT;
        front_size_ = bytes_in_ring(length);
        if (length == header)
            return {record + header_bytes, length};
        pop(); // the program has discarded this record
    }
    return {};
}

std::span<const std::byte> SampleReader::front() const {
    if (!has_front())
        return {};
    ctrack_rtt& sample = memory_.samples[read() & ((1ULL << memory_.shift) - 1)];
    const auto lap = static_cast<__u16>((read() >> memory_.shift) + 1);
    if (shared(&sample.lap).load(std::memory_order_acquire) != lap)
        return {};
    return std::as_bytes(std::span(&sample, 1));
}

} // namespace ctrack
