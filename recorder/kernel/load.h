// SPDX-License-Identifier: Apache-2.0
//
// Loads the BPF programs: chooses those that this kernel can run, and sets their constants. This
// file knows libbpf.
#pragma once

#include <memory>

#include "common/file_descriptor.h"
#include "recorder/kernel/connect_errors.h"
#include "recorder/kernel/probe.h"
#include "recorder/kernel/ring_layout.h"
#include "recorder/kernel/sample_rings.h"

#include "bpf/ctrack_event.h"
#include "ctrack.skel.h"

namespace ctrack {

struct DestroySkeleton {
    void operator()(ctrack_bpf* skeleton) const;
};

/// All programs and maps, as bpftool has declared them.
using Skeleton = std::unique_ptr<ctrack_bpf, DestroySkeleton>;

struct LoadedPrograms {
    Skeleton skeleton;
    ConnectErrors connect_errors; ///< how the loaded programs see connect() fail
};

/// Throws Error.
LoadedPrograms load_programs(const ProbeOptions& options, const FileDescriptor& cgroup,
                             const RingLayout& lifecycle_rings, const SampleRings& sample_rings);

/// The programs that see connect() fail before TCP.
ConnectPrograms connect_programs(const ctrack_bpf& skeleton);

} // namespace ctrack
