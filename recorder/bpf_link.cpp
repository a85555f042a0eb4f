// SPDX-License-Identifier: Apache-2.0
#include "recorder/bpf_link.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ctrack {

Link attach_to(const FileDescriptor& cgroup, const bpf_program* program) {
    return Link(bpf_program__attach_cgroup(program, cgroup.get()));
}

// Through perf, whose events are each CPU's own; for a program one of them is enough.
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

} // namespace ctrack
