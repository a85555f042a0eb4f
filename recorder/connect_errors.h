// SPDX-License-Identifier: Apache-2.0
//
// connect() calls that fail before TCP (bpf/attempts.h). Part of the probe: knows libbpf.
#pragma once

#include <vector>

#include "recorder/bpf_link.h"
#include "recorder/file_descriptor.h"

namespace ctrack {

/// How they are seen; see the SQL column recordings.connect_errors.
enum class ConnectErrors { none, fexit, tracepoint };

/// The programs for it: one of the last two is enough.
struct ConnectPrograms {
    bpf_program* begun_ipv4;
    bpf_program* begun_ipv6;
    bpf_program* fexit;
    bpf_program* tracepoint;
};

/// Before the programs are loaded: which to load, if they are wanted at all. The tracepoint
/// slows each system call of the host, so it is for kernels without BPF trampolines.
void choose_connect_programs(const ConnectPrograms& programs, bool wanted);

/// Attaches those that were chosen. None are attached if the kernel lacks the tracepoint, or
/// another program has a hook to itself.
ConnectErrors watch_connect_errors(const ConnectPrograms& programs, const FileDescriptor& cgroup,
                                   std::vector<Link>& links);

} // namespace ctrack
