// SPDX-License-Identifier: Apache-2.0
//
// Loads the BPF programs: chooses those that this kernel can run, and sets their constants. This
// file knows libbpf.
#pragma once

#include <memory>

#include "common/file_descriptor.h"
#include "recorder/kernel/bpf_link.h"
#include "recorder/kernel/connect_errors.h"
#include "recorder/kernel/probe.h"

#include "ctrack.skel.h"

namespace ctrack {

/// All programs and maps, as bpftool has declared them.
using Skeleton = std::unique_ptr<ctrack_bpf, Deleter<&ctrack_bpf::destroy>>;

struct LoadedPrograms {
    Skeleton skeleton;
    ConnectErrors connect_errors; ///< how the loaded programs see connect() fail
};

/// Throws Error.
LoadedPrograms load_programs(const ProbeOptions& options, const FileDescriptor& cgroup);

/// Throws Error, which says why the kernel refuses a program or a map, and what to try.
[[noreturn]] void throw_load_error(int error);

} // namespace ctrack
