// SPDX-License-Identifier: Apache-2.0
//
// Sees connect() calls that fail before TCP, which TCP's own callbacks do not tell of. The programs
// are in bpf/attempts.h and bpf/suspects.h. This file knows libbpf.
#pragma once

#include <vector>

#include "common/file_descriptor.h"
#include "recorder/kernel/bpf_link.h"
#include "recorder/kernel/probe.h"

#include "ctrack.skel.h"

namespace ctrack {

/// The cheapest way that the kernel seems to have. The tracepoint comes last, for kernels that have
/// neither BPF trampolines nor task work, because it slows each system call of the host.
ConnectErrors cheapest_way_to_see_connect_errors();

/// Before the programs are loaded: chooses those that will be loaded for this way.
void choose_connect_programs(const ctrack_bpf& skeleton, ConnectErrors way);

/// Attaches the programs of this way and returns the way. Returns `none` if the kernel lacks the
/// tracepoint, or if another program has one of the hooks to itself.
ConnectErrors watch_connect_errors(const ctrack_bpf& skeleton, ConnectErrors way,
                                   const FileDescriptor& cgroup, std::vector<Link>& links);

} // namespace ctrack
