// SPDX-License-Identifier: Apache-2.0
//
// Rings of the kernel half: their maps, and their memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/file_descriptor.h"
#include "recorder/kernel/ring_reader.h"

namespace ctrack {

/// Memory shared with the kernel, unmapped at the end.
class Mapping {
public:
    /// Throws Error.
    Mapping(int map, std::size_t bytes, int protection, std::size_t offset);
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&&) = delete;
    ~Mapping();

    std::byte* at(std::size_t offset) const { return begin_ + offset; }

private:
    std::byte* begin_;
    std::size_t bytes_;
};

/// The least that a ring can have.
std::size_t page_bytes();

/// How the bytes asked for are spread over rings.
struct RingLayout {
    std::uint64_t rings;
    std::uint64_t bytes_of_one; ///< a power of two
};

/// Rounds the bytes, those of all rings together, up to a power of two; the others are powers
/// of two. Rather fewer rings than smaller ones.
RingLayout lay_out_rings(std::uint64_t bytes, std::uint64_t least_bytes_of_one,
                         std::uint64_t most_rings);

/// One of BPF's ring buffers.
class Ring {
public:
    /// bytes: a power of two, at least a page. Throws Error.
    explicit Ring(std::uint32_t bytes);

    const FileDescriptor& map() const { return map_; }
    RingMemory memory() const;

private:
    std::uint32_t bytes_;
    FileDescriptor map_;
    Mapping consumer_;
    Mapping producer_; ///< its position, and after a page the records, twice in a row
};

} // namespace ctrack
