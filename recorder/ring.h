// SPDX-License-Identifier: Apache-2.0
//
// A BPF ring buffer, read in place, record by record. libbpf's own consumer hands a ring
// to a callback as a whole; to take records of several rings by their times, each must
// be looked at before it is taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "recorder/file_descriptor.h"

namespace ctrack {

/// Memory shared with the kernel, unmapped at the end.
class Mapping {
public:
    /// Throws Error.
    Mapping(const FileDescriptor& map, std::size_t bytes, int protection, std::size_t offset);
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&&) = delete;
    ~Mapping();

    std::byte* at(std::size_t offset) const { return begin_ + offset; }

private:
    std::byte* begin_;
    std::size_t bytes_;
};

class Ring {
public:
    /// bytes: a power of two, at least a page. Throws Error.
    explicit Ring(std::uint32_t bytes);

    const FileDescriptor& map() const { return map_; }

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
    FileDescriptor map_;
    std::uint32_t bytes_;
    Mapping consumer_;
    Mapping producer_; ///< its position, and after a page the records, twice in a row
    std::uint64_t seen_ = 0;
    std::uint64_t read_ = 0;
    std::uint64_t released_ = 0;
    std::uint64_t front_bytes_ = 0; ///< in the ring, of the record that front() gave
};

} // namespace ctrack
