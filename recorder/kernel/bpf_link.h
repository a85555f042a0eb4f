// SPDX-License-Identifier: Apache-2.0
//
// Ways to attach a program. Part of the probe: knows libbpf.
#pragma once

#include <cstdint>
#include <memory>

#include <bpf/libbpf.h>

#include "common/file_descriptor.h"

namespace ctrack {

template <auto destroy> struct Deleter {
    template <class T> void operator()(T* object) const { destroy(object); }
};

/// Attached until it is destroyed. An empty one: it was not possible, and errno says why.
using Link = std::unique_ptr<bpf_link, Deleter<&bpf_link__destroy>>;

/// None if another program has the hook to itself.
Link attach_to(const FileDescriptor& cgroup, const bpf_program* program);

Link attach_tracepoint(const bpf_program* program, std::uint64_t tracepoint_id);

/// Whether a program (fexit) can run where a function of the kernel returns: not on kernels
/// without BPF trampolines, some of which refuse to load it, some to attach it.
bool can_attach_at_return(const char* function);

} // namespace ctrack
