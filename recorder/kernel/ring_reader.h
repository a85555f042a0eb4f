// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ctrack {

/// Where a BPF ring buffer is mapped. The kernel's Documentation/bpf/ringbuf.rst describes it.
struct RingMemory {
    std::byte* consumer; ///< position up to which we have read; we write it
    std::byte* producer; ///< position up to which the kernel has written; it writes it
    std::byte* records;  ///< mapped twice in a row, so that no record is cut at the end
    std::uint32_t bytes; ///< size of the records, counted once; a power of two
};

/// Reads a BPF ring buffer in place, record by record. libbpf's reader hands a whole ring to a
/// callback. But to take the records of several rings in the order of their times, each must be
/// looked at before it is taken.
class RingReader {
public:
    explicit RingReader(const RingMemory& memory) : memory_(memory) {}

    /// Notes what is in the ring now. front() gives only these records, so that a drain ends.
    void look() { seen_ = written(); }

    /// The oldest record; empty if there is none, or if it is still being written.
    std::span<const std::byte> front();

    /// Takes the record that front() gave. The kernel gets its room back by release(), which pop()
    /// calls when much has been read.
    void pop();
    void release();

    /// Positions, counted in bytes since the ring was made.
    std::uint64_t written() const;
    std::uint64_t read() const { return read_; }

private:
    RingMemory memory_;
    std::uint64_t seen_ = 0;
    std::uint64_t read_ = 0;
    std::uint64_t released_ = 0;
    std::uint64_t front_bytes_ = 0; ///< what the record that front() gave takes in the ring
};

} // namespace ctrack
