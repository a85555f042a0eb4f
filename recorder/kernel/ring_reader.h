// SPDX-License-Identifier: Apache-2.0
//
// Reads the two kinds of rings in place, record by record. libbpf's reader hands a whole ring to a
// callback. But to take the records of several rings in the order of their times, each must be
// looked at before it is taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bpf/ctrack_event.h"

namespace ctrack {

/// How far a ring is written and read. Positions are counted from when the ring was made, in bytes
/// or, in a ring of samples, in samples.
class RingPositions {
public:
    /// The ring has room for `size`. Memory is shared with the kernel: it stores how far the ring
    /// is written, and learns from `released` what is free again.
    RingPositions(__u64* written, __u64* released, std::uint64_t size)
        : shared_written_(written), shared_released_(released), size_(size) {}

    /// Notes what is in the ring now. front() gives only these records, so that a drain ends.
    void look() { seen_ = written(); }

    /// Takes the record that front() gave. The kernel gets its room back by release(), which pop()
    /// calls when much has been read.
    void pop();
    void release();

    std::uint64_t written() const;
    std::uint64_t read() const { return read_; }

protected:
    bool has_front() const { return read_ < seen_; }

    std::uint64_t front_size_ = 1; ///< what the record that front() gave takes in the ring

private:
    __u64 *shared_written_, *shared_released_;
    std::uint64_t size_;
    std::uint64_t seen_ = 0;
    std::uint64_t read_ = 0;
    std::uint64_t released_ = 0;
};

/// Where a BPF ring buffer is mapped. The kernel's Documentation/bpf/ringbuf.rst describes it.
struct RingMemory {
    __u64* consumer;     ///< position up to which we have read; we write it
    __u64* producer;     ///< position up to which the kernel has written; it writes it
    std::byte* records;  ///< mapped twice in a row, so that no record is cut at the end
    std::uint32_t bytes; ///< size of the records, counted once; a power of two
};

class RingReader : public RingPositions {
public:
    explicit RingReader(const RingMemory& memory)
        : RingPositions(memory.producer, memory.consumer, memory.bytes), memory_(memory) {}

    /// The oldest record; empty if there is none, or if it is still being written.
    std::span<const std::byte> front();

private:
    RingMemory memory_;
};

/// Where a ring of samples is mapped. bpf/sample_rings.h describes it.
struct SampleMemory {
    ctrack_sample_ring* ring;
    ctrack_rtt* samples; ///< its 1 << shift places
    unsigned shift;
};

class SampleReader : public RingPositions {
public:
    explicit SampleReader(const SampleMemory& memory)
        : RingPositions(&memory.ring->written, &memory.ring->read, 1ULL << memory.shift),
          memory_(memory) {}

    /// The oldest sample; empty if there is none, or if it is still being written.
    std::span<const std::byte> front() const;

private:
    SampleMemory memory_;
};

} // namespace ctrack
