// SPDX-License-Identifier: Apache-2.0
//
// The rings of a loaded program, mapped to be read, and waited for. Those of lifecycle records are
// BPF's ring buffers, which are made here and handed to the program; those of RTT samples are of
// our own making (bpf/sample_rings.h) and stand in one map. This file knows libbpf.
#pragma once

#include <chrono>
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
    /// The program, which must outlive them, was loaded with the same options. `stop` can be read
    /// once the recorder is to stop. Throws Error.
    Rings(const ctrack_bpf& skeleton, const ProbeOptions& options, const FileDescriptor& stop);

    /// Sleeps until the program wakes the recorder, until `stop` can be read, or until the timeout.
    /// True if `stop` can be read.
    bool wait(std::chrono::milliseconds timeout) const;

private:
    struct Unmap {
        std::size_t bytes;
        void operator()(std::byte* begin) const { munmap(begin, bytes); }
    };

    std::vector<RingReader> make_lifecycle_rings(const bpf_map* array, const RingLayout& layout);
    std::vector<SampleReader> map_sample_rings(const ctrack_bpf& skeleton,
                                               const RingLayout& layout);
    void wait_for(int descriptor, unsigned events);
    std::byte* map(int descriptor, std::size_t bytes, int protection, std::size_t offset);

    FileDescriptor epoll_;
    int stop_;
    std::vector<FileDescriptor> lifecycle_maps_;
    std::vector<std::unique_ptr<std::byte, Unmap>> memory_; ///< what is shared with the kernel

public:
    MergedRings<RingReader> lifecycle;
    MergedRings<SampleReader> samples;
};

} // namespace ctrack
