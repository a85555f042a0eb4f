// SPDX-License-Identifier: Apache-2.0
//
// Ways to attach a program. This file knows libbpf.
#pragma once

#include <memory>
#include <string>

#include <bpf/libbpf.h>

namespace ctrack {

template <auto destroy> struct Deleter {
    template <class T> void operator()(T* object) const { destroy(object); }
};

/// A program is attached until its link is destroyed. A link is empty if the program could not be
/// attached; then errno says why.
using Link = std::unique_ptr<bpf_link, Deleter<&bpf_link__destroy>>;

/// Attaches to a tracepoint such as "syscalls/sys_exit_connect". The link is empty if there is no
/// such tracepoint, no tracefs, or no privilege. tracefs need not be mounted, because this makes a
/// mount of its own, which nobody else sees.
Link attach_tracepoint(const bpf_program* program, const std::string& tracepoint);

/// Attaches to the tracepoint that the program names (tp_btf). Throws Error.
Link attach_tracepoint(const bpf_program* program);

/// Whether a program (fexit) can run where a function of the kernel returns. That needs BPF
/// trampolines. Of the kernels without them, some refuse to load such a program, some to attach it.
bool can_attach_at_return(const char* function);

} // namespace ctrack
