// SPDX-License-Identifier: Apache-2.0
//
// The rings of a loaded program, mapped to be read. Those of lifecycle records are BPF's ring
// buffers, which are made here and handed to the program; those of RTT samples are of our own
// making (bpf/sample_rings.h) and stand in one map. This file knows libbpf.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <sys/mman.h>

#include "common/file_descriptor.h"
#include "recorder/kernel/merged_rings.h"
#include "recorder/kernel/probe.h"
#include "recorder/kernel/ring_reader.h"

#include "ctrack.skel.h"

namespace ctrack {

class Rings {
public:
    /// The program, which must outlive them, was loaded with the same options. Throws Error.
    Rings(const ctrack_bpf& skeleton, const ProbeOptions& options);

    /// The maps of the lifecycle rings, which become readable when the program wakes the recorder.
    const std::vector<FileDescriptor>& lifecycle_maps() const { return lifecycle_maps_; }

private:
    struct Unmap {
        std::size_t bytes;
        void operator()(std::byte* begin) const { munmap(begin, bytes); }
    };

    std::vector<RingReader> make_lifecycle_rings(const bpf_map* array, const RingLayout& layout);
    std::vector<SampleReader> map_sample_rings(const ctrack_bpf& skeleton,
                                               const RingLayout& layout);
    std::byte* map(int descriptor, std::size_t bytes, int protection, std::size_t offset);

    std::vector<FileDescriptor> lifecycle_maps_;
    std::vector<std::unique_ptr<std::byte, Unmap>> memory_; ///< what is shared with the kernel

public:
    MergedRings<RingReader> lifecycle;
    MergedRings<SampleReader> samples;
};

} // namespace ctrack
