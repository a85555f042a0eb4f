// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ctrack {

/// Where a BPF ring buffer is mapped: the kernel's Documentation/bpf/ringbuf.rst.
struct RingMemory {
    std::byte* consumer; ///< position up to which we have read: ours to write
    std::byte* producer; ///< position up to which the kernel has written
    std::byte* records;  ///< twice in a row, so that none is cut at the end
    std::uint32_t bytes; ///< of the records once; a power of two
};

/// Reads a BPF ring buffer in place, record by record. libbpf's own consumer hands a ring to
/// a callback as a whole; to take records of several rings by their times, each must be
/// looked at before it is taken.
class RingReader {
public:
    explicit RingReader(const RingMemory& memory) : memory_(memory) {}

    /// Sees what is there now; front() gives no more than that.
    void look() { seen_ = written(); }

    /// The oldest record; empty if there is none, or it is still being written.
    std::span<const std::byte> front();

    /// Done with the front. Its room is the kernel's again after release(), or once much
    /// is read.
    void pop();
    void release();

    /// Positions: bytes since the ring was made.
    std::uint64_t written() const;
    std::uint64_t read() const { return read_; }

private:
    RingMemory memory_;
    std::uint64_t seen_ = 0;
    std::uint64_t read_ = 0;
    std::uint64_t released_ = 0;
    std::uint64_t front_bytes_ = 0; ///< in the ring, of the record that front() gave
};

} // namespace ctrack
