// SPDX-License-Identifier: Apache-2.0
//
// The rings of lifecycle records, which are BPF's ring buffers: made, handed to the program, and
// mapped. This file knows libbpf.
#pragma once

#include <cstdint>
#include <vector>

#include <bpf/libbpf.h>

#include "common/file_descriptor.h"
#include "recorder/kernel/mapping.h"
#include "recorder/kernel/ring_layout.h"
#include "recorder/kernel/ring_reader.h"

namespace ctrack {

/// One of BPF's ring buffers.
class RingBuffer {
public:
    /// The number of bytes is a power of two and at least a page. Throws Error.
    explicit RingBuffer(std::uint32_t bytes);

    const FileDescriptor& map() const { return map_; }
    RingMemory memory() const;

private:
    std::uint32_t bytes_;
    FileDescriptor map_;
    Mapping consumer_;
    Mapping producer_; ///< its position, and after a page the records, twice in a row
};

class LifecycleRings {
public:
    /// Throws Error.
    explicit LifecycleRings(const RingLayout& layout);

    const RingLayout& layout() const { return layout_; }
    const std::vector<RingBuffer>& all() const { return rings_; }
    std::vector<RingReader> readers() const;

    /// Hands the rings to a program that is loaded, by its array of rings. Throws Error.
    void put_in(const bpf_map* array) const;

private:
    RingLayout layout_;
    std::vector<RingBuffer> rings_;
};

} // namespace ctrack
