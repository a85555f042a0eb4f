// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/bpf_link.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

Link attach_to(const FileDescriptor& cgroup, const bpf_program* program) {
    return Link(bpf_program__attach_cgroup(program, cgroup.get()));
}

// Attaches through perf. A perf event belongs to one CPU, but for a BPF program the event of one
// CPU is enough to see them all.
Link attach_tracepoint(const bpf_program* program, std::uint64_t tracepoint_id) {
    perf_event_attr attributes{};
    attributes.type = PERF_TYPE_TRACEPOINT;
    attributes.size = sizeof attributes;
    attributes.config = tracepoint_id;
    attributes.sample_period = 1;
    const auto event = static_cast<int>(
        syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
    Link link(event < 0 ? nullptr : bpf_program__attach_perf_event(program, event));
    if (!link && event >= 0)
        close(event);
    return link;
}

Link attach_tracepoint(const bpf_program* program) {
    Link link(bpf_program__attach(program));
    if (!link)
        throw Error(fmt::format("cannot attach {} to its tracepoint: {}",
                                bpf_program__name(program), std::strerror(errno)));
    return link;
}

// Finds it out by trying, with a program that does nothing.
bool can_attach_at_return(const char* function) {
    std::array<bpf_insn, 2> return_0{};
    return_0[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
    return_0[1].code = BPF_JMP | BPF_EXIT;
    const int id = libbpf_find_vmlinux_btf_id(function, BPF_TRACE_FEXIT);
    if (id < 0)
        return false;
    LIBBPF_OPTS(bpf_prog_load_opts, options);
    options.expected_attach_type = BPF_TRACE_FEXIT;
    options.attach_btf_id = static_cast<std::uint32_t>(id);
    const FileDescriptor program(bpf_prog_load(BPF_PROG_TYPE_TRACING, "ctrack_try", "GPL",
                                               return_0.data(), return_0.size(), &options));
    return program.valid() &&
           FileDescriptor(bpf_raw_tracepoint_open(nullptr, program.get())).valid();
}

} // namespace ctrack
