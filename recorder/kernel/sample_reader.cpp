// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/sample_reader.h"

#include <atomic>

namespace ctrack {

namespace {

// A word that is shared with the program, which writes it at the same time.
template <class Word> std::atomic_ref<Word> shared(Word& word) { return std::atomic_ref(word); }

} // namespace

std::uint64_t SampleReader::written() const {
    return shared(memory_.ring->written).load(std::memory_order_acquire);
}

std::span<const std::byte> SampleReader::front() const {
    if (read_ >= seen_)
        return {};
    ctrack_rtt& sample = memory_.samples[read_ & ((1ULL << memory_.shift) - 1)];
    const auto lap = static_cast<__u16>((read_ >> memory_.shift) + 1);
    if (shared(sample.lap).load(std::memory_order_acquire) != lap)
        return {};
    return std::as_bytes(std::span(&sample, 1));
}

// The position is not stored for each sample, because each store disturbs the CPUs that write.
void SampleReader::pop() {
    ++read_;
    if (read_ - released_ >= (1ULL << memory_.shift) / 16)
        release();
}

void SampleReader::release() {
    if (released_ != read_)
        shared(memory_.ring->read).store(released_ = read_, std::memory_order_release);
}

} // namespace ctrack
