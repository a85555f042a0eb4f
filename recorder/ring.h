// SPDX-License-Identifier: Apache-2.0
//
// A BPF ring buffer: its map, and its memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "recorder/file_descriptor.h"
#include "recorder/ring_reader.h"

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

/// The least that a ring can have.
std::size_t page_bytes();

class Ring {
public:
    /// bytes: a power of two, at least a page. Throws Error.
    explicit Ring(std::uint32_t bytes);

    const FileDescriptor& map() const { return map_; }
    RingReader& reader() { return reader_; }
    const RingReader& reader() const { return reader_; }

private:
    FileDescriptor map_;
    Mapping consumer_;
    Mapping producer_; ///< its position, and after a page the records, twice in a row
    RingReader reader_;
};

} // namespace ctrack
