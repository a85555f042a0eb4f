// SPDX-License-Identifier: Apache-2.0
//
// connect() calls that fail before TCP (bpf/attempts.h, suspects.h). Part of the probe: knows
// libbpf.
#pragma once

#include <array>
#include <vector>

#include "common/file_descriptor.h"
#include "recorder/kernel/bpf_link.h"

namespace ctrack {

/// How they are seen; see the SQL column recordings.connect_errors.
enum class ConnectErrors { none, fexit, task_work, tracepoint };

/// The programs for it, by which of these ways they serve.
struct ConnectPrograms {
    std::array<bpf_program*, 2> noting; ///< cgroup/connect4 and connect6; not with task_work
    bpf_program* fexit;
    bpf_program* tracepoint;
    std::array<bpf_program*, 2> suspecting; ///< the same hooks; these and the rest: task_work
    std::array<bpf_program*, 3> clues;
};

/// The cheapest way that the kernel seems to have. The tracepoint slows each system call of the
/// host, so it is for kernels with neither BPF trampolines nor task work.
ConnectErrors cheapest_way_to_see_connect_errors();

/// Before the programs are loaded: only those of this way will be.
void choose_connect_programs(const ConnectPrograms& programs, ConnectErrors way);

/// Attaches those of this way and says so; none if the kernel lacks the tracepoint, or
/// another program has a hook to itself.
ConnectErrors watch_connect_errors(const ConnectPrograms& programs, ConnectErrors way,
                                   const FileDescriptor& cgroup, std::vector<Link>& links);

} // namespace ctrack
