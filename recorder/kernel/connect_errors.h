// SPDX-License-Identifier: Apache-2.0
//
// Sees connect() calls that fail before TCP, which TCP's own callbacks do not tell of. The programs
// are in bpf/attempts.h and bpf/suspects.h. This file knows libbpf.
#pragma once

#include <array>
#include <vector>

#include "common/file_descriptor.h"
#include "recorder/kernel/bpf_link.h"

namespace ctrack {

/// How connect() errors are seen; the SQL column recordings.connect_errors has the same values.
enum class ConnectErrors { none, fexit, task_work, tracepoint };

/// All programs that see connect() errors. Each way needs some of them.
struct ConnectPrograms {
    std::array<bpf_program*, 2> noting;     ///< cgroup/connect4 and connect6: fexit, tracepoint
    bpf_program* fexit;                     ///< fexit
    bpf_program* tracepoint;                ///< tracepoint
    std::array<bpf_program*, 2> suspecting; ///< cgroup/connect4 and connect6: task_work
    std::array<bpf_program*, 3> clues;      ///< task_work
};

/// The cheapest way that the kernel seems to have. The tracepoint comes last, for kernels that have
/// neither BPF trampolines nor task work, because it slows each system call of the host.
ConnectErrors cheapest_way_to_see_connect_errors();

/// Before the programs are loaded: chooses those that will be loaded for this way.
void choose_connect_programs(const ConnectPrograms& programs, ConnectErrors way);

/// Attaches the programs of this way and returns the way. Returns `none` if the kernel lacks the
/// tracepoint, or if another program has one of the hooks to itself.
ConnectErrors watch_connect_errors(const ConnectPrograms& programs, ConnectErrors way,
                                   const FileDescriptor& cgroup, std::vector<Link>& links);

} // namespace ctrack
