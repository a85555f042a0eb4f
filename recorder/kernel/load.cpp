// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/load.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include <sys/stat.h>

#include "recorder/kernel/load_error.h"

namespace ctrack {

namespace {

// The more slots there are, the more likely a connection finds its slot (bpf/slots.h) free. These
// take 2 MiB.
constexpr std::uint32_t slots = 16384;

int print_message(libbpf_print_level level, const char* format, va_list arguments) {
    if (level == LIBBPF_DEBUG)
        return 0;
    return std::vfprintf(stderr, format, arguments);
}

std::uint64_t inode_of(const FileDescriptor& file) {
    struct stat status {};
    fstat(file.get(), &status);
    return status.st_ino;
}

void set_constants(ctrack_settings& settings, const ProbeOptions& options,
                   const FileDescriptor& cgroup, ConnectErrors connect_errors) {
    settings.cgroup_id = inode_of(cgroup);
    settings.connect_errors = connect_errors != ConnectErrors::none;
    settings.rtt_enabled = options.rtt_enabled;
    settings.rtt_min_gap_ns = static_cast<std::uint64_t>(options.rtt_min_gap.count());
}

void set_rings(ctrack_bpf& skeleton, const RingLayout& lifecycle_rings,
               const SampleRings& sample_rings) {
    auto& settings = skeleton.rodata->settings;
    settings.lifecycle_rings = static_cast<std::uint32_t>(lifecycle_rings.rings);
    settings.wakeup_bytes = wakeup_bytes(lifecycle_rings, sample_rings.layout());
    sample_rings.set_sizes(skeleton.maps.samples, settings);
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

} // namespace

void DestroySkeleton::operator()(ctrack_bpf* skeleton) const { ctrack_bpf__destroy(skeleton); }

ConnectPrograms connect_programs(const ctrack_bpf& skeleton) {
    const auto& programs = skeleton.progs;
    return {
        .noting = {programs.ctrack_connect4, programs.ctrack_connect6},
        .fexit = programs.ctrack_connect_returned,
        .tracepoint = programs.ctrack_connect_done,
        .suspecting = {programs.ctrack_connect4_suspecting, programs.ctrack_connect6_suspecting},
        .clues = {programs.ctrack_route_looked_up, programs.ctrack_route6_looked_up,
                  programs.ctrack_state_set_back}};
}

// If the kernel's task work is not the one we know, the programs do not load, and the tracepoint
// takes its place.
LoadedPrograms load_programs(const ProbeOptions& options, const FileDescriptor& cgroup,
                             const RingLayout& lifecycle_rings, const SampleRings& sample_rings) {
    libbpf_set_print(options.verbose ? print_message : nullptr);
    Skeleton skeleton;
    // Returns 0, or a negative errno.
    const auto try_to_load = [&](ConnectErrors connect_errors) {
        skeleton.reset(ctrack_bpf__open());
        if (!skeleton)
            return -errno;
        choose_connect_programs(connect_programs(*skeleton), connect_errors);
        set_constants(skeleton->rodata->settings, options, cgroup, connect_errors);
        set_rings(*skeleton, lifecycle_rings, sample_rings);
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
