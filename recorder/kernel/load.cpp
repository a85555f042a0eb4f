// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/load.h"

#include <bit>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.h"
#include "common/terminal_text.h"

#include "bpf/ctrack_event.h"

namespace ctrack {

namespace {

// The more slots there are, the more likely a connection finds its slot (bpf/slots.h) free. These
// take 2 MiB.
constexpr std::uint32_t slots = 16384;

int print_message(libbpf_print_level level, const char* format, va_list arguments) {
    if (level == LIBBPF_DEBUG)
        return 0;
    va_list again;
    va_copy(again, arguments);
    std::string text(static_cast<std::size_t>(std::vsnprintf(nullptr, 0, format, again)) + 1, '\0');
    va_end(again);
    std::vsnprintf(text.data(), text.size(), format, arguments);
    text.pop_back();
    return std::fputs(as_lines(text).c_str(), stderr);
}

std::uint64_t inode_of(const FileDescriptor& file) {
    struct stat status {};
    fstat(file.get(), &status);
    return status.st_ino;
}

// CLOCK_MONOTONIC_COARSE goes on once in each tick, so its resolution is the length of one.
std::uint64_t ms_per_jiffy_shifted() {
    timespec tick{};
    clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
    return ((static_cast<std::uint64_t>(tick.tv_nsec) << 20) + 500'000) / 1'000'000;
}

void set_constants(ctrack_settings& settings, const ProbeOptions& options,
                   const FileDescriptor& cgroup, ConnectErrors connect_errors) {
    settings.cgroup_id = inode_of(cgroup);
    settings.connect_errors = connect_errors != ConnectErrors::none;
    settings.rtt_enabled = options.rtt_enabled;
    settings.rtt_min_gap_ns = static_cast<std::uint64_t>(options.rtt_min_gap.count());
    settings.ms_per_jiffy = ms_per_jiffy_shifted();
}

void set_rings(ctrack_bpf& skeleton, const RingLayout& lifecycle, const RingLayout& samples) {
    auto& settings = skeleton.rodata->settings;
    settings.lifecycle_rings = static_cast<std::uint32_t>(lifecycle.rings);
    settings.sample_rings = static_cast<std::uint32_t>(samples.rings);
    settings.sample_ring_shift =
        static_cast<std::uint32_t>(std::countr_zero(samples.bytes_of_one / sizeof(ctrack_rtt)));
    settings.wakeup_bytes = wakeup_bytes(lifecycle, samples);
    bpf_map__set_max_entries(skeleton.maps.samples,
                             settings.sample_rings << settings.sample_ring_shift);
}

// A walk over slots needs this function of the kernel (Linux 6.2). Without it there are no slots.
void set_slots(ctrack_bpf& skeleton) {
    const bool can_walk = libbpf_find_vmlinux_btf_id("bpf_rdonly_cast", BPF_TRACE_FENTRY) > 0;
    bpf_program__set_autoload(skeleton.progs.ctrack_walk_slots, can_walk);
    if (!can_walk)
        return;
    bpf_map__set_max_entries(skeleton.maps.slots, slots);
    skeleton.rodata->settings.slots = slots;
}

std::string kernel_release() {
    utsname names{};
    uname(&names);
    return names.release;
}

} // namespace

void throw_load_error(int error) {
    if (error == EPERM) // a lack of privilege; EACCES would be a program that the verifier refuses
        throw Error("cannot load the kernel program: bpf() is forbidden: without the capabilities "
                    "that ctrack-recorder --check names, or by a user namespace, a container's "
                    "filter of system calls or lockdown");
    if (error == ENOMEM)
        throw Error(
            "cannot load the kernel program: not enough memory for its rings: try a smaller "
            "--ring-size");
    if (error == EMFILE)
        throw Error("cannot load the kernel program: too many open files for the limit of this "
                    "process: raise it with ulimit -n");
    if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        throw Error(fmt::format("cannot load the kernel program: kernel {} has no "
                                "/sys/kernel/btf/vmlinux: use one built with "
                                "CONFIG_DEBUG_INFO_BTF (Debian's and Ubuntu's are)",
                                kernel_release()));
    throw Error(fmt::format("cannot load the kernel program on kernel {}: {}: needs Linux 5.15 or "
                            "newer; -v shows the kernel's reason",
                            kernel_release(), std::strerror(error)));
}

// If the kernel's task work is not the one we know, the programs do not load, and the tracepoint
// takes its place.
LoadedPrograms load_programs(const ProbeOptions& options, const FileDescriptor& cgroup) {
    libbpf_set_print(options.verbose ? print_message : nullptr);
    Skeleton skeleton;
    // Returns 0, or a negative errno.
    const auto try_to_load = [&](ConnectErrors connect_errors) {
        skeleton.reset(ctrack_bpf__open());
        if (!skeleton)
            return -errno;
        choose_connect_programs(*skeleton, connect_errors);
        set_constants(skeleton->rodata->settings, options, cgroup, connect_errors);
        set_rings(*skeleton, options.lifecycle_rings, options.sample_rings);
        set_slots(*skeleton);
        return ctrack_bpf__load(skeleton.get());
    };
    ConnectErrors way =
        options.connect_errors ? *options.connect_errors : cheapest_way_to_see_connect_errors();
    int error = try_to_load(way);
    if (error != 0 && way == ConnectErrors::task_work)
        error = try_to_load(way = ConnectErrors::tracepoint);
    if (error != 0)
        throw_load_error(-error);
    return {std::move(skeleton), way};
}

} // namespace ctrack
