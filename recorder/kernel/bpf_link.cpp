// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/bpf_link.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include "common/error.h"
#include "common/file_descriptor.h"

namespace ctrack {

namespace {

// Makes a mount that has no place in the tree: it is reached by the descriptor alone, and goes when
// that is closed.
FileDescriptor mount_tracefs() {
    const FileDescriptor context(fsopen("tracefs", FSOPEN_CLOEXEC));
    if (!context.valid() || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return FileDescriptor(-1);
    return FileDescriptor(fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY));
}

std::optional<std::uint64_t> find_tracepoint_id(const std::string& name) {
    const FileDescriptor root = mount_tracefs();
    const std::string path = "events/" + name + "/id";
    const FileDescriptor file(openat(root.get(), path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 32> text{};
    if (!file.valid() || read(file.get(), text.data(), text.size() - 1) <= 0)
        return std::nullopt;
    return std::strtoull(text.data(), nullptr, 10);
}

} // namespace

// Attaches through perf. A perf event belongs to one CPU, but for a BPF program the event of one
// CPU is enough to see them all.
Link attach_tracepoint(const bpf_program* program, const std::string& tracepoint) {
    const auto id = find_tracepoint_id(tracepoint);
    if (!id)
        return nullptr;
    perf_event_attr attributes{};
    attributes.type = PERF_TYPE_TRACEPOINT;
    attributes.size = sizeof attributes;
    attributes.config = *id;
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
