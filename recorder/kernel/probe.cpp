// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/probe.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <thread>
#include <vector>

#include <linux/membarrier.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include "common/clock.h"
#include "common/error.h"
#include "recorder/host/network_namespaces.h"
#include "recorder/kernel/bpf_iterator.h"
#include "recorder/kernel/bpf_link.h"
#include "recorder/kernel/load_error.h"
#include "recorder/kernel/probe_rings.h"

#include "bpf/ctrack_event.h"
#include "ctrack.skel.h"

namespace ctrack {

namespace {

constexpr std::uint64_t max_wakeup_bytes = 256 << 10;

// For connections that are open at the same time, the more the likelier: x 128 bytes = 2 MiB.
constexpr std::uint32_t slots = 16384;

using Skeleton = std::unique_ptr<ctrack_bpf, Deleter<&ctrack_bpf__destroy>>;

int print_message(libbpf_print_level level, const char* format, va_list arguments) {
    if (level == LIBBPF_DEBUG)
        return 0;
    return std::vfprintf(stderr, format, arguments);
}

// Rather too little: what passes between the two readings is left out.
std::uint64_t slept_ns() {
    const std::int64_t boottime_us = clock_now_us(CLOCK_BOOTTIME);
    const std::int64_t slept_us = boottime_us - clock_now_us(CLOCK_MONOTONIC);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(slept_us, 0)) * 1000;
}

std::uint64_t inode_of(const FileDescriptor& file) {
    struct stat status {};
    fstat(file.get(), &status);
    return status.st_ino;
}

// A full ring always reads as ready; only the edge, the wakeup that the program
// sends when a ring is well filled, is worth waking up for.
void add_to(const FileDescriptor& epoll, int descriptor, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        throw Error(fmt::format("cannot wait for events: {}", std::strerror(errno)));
}

} // namespace

// Members are destroyed from the last up: first the links, so that nothing writes
// into the rings any more, then programs and maps, then the rings.
struct Probe::Impl {
    Impl(const ProbeOptions& options, Handler on_lifecycle)
        : lifecycle_rings(options.lifecycle_ring_bytes), sample_rings(options.sample_ring_bytes),
          lifecycle(lifecycle_rings.readers(), std::move(on_lifecycle)) {}

    LifecycleRings lifecycle_rings;
    SampleRings sample_rings;
    Rings<RingReader> lifecycle;
    Skeleton skeleton{};
    std::optional<Rings<SampleReader>> samples{}; ///< once the program is loaded
    FileDescriptor epoll{};
    int watched = -1;
    std::vector<Link> links{}; ///< attached in this order, detached from the last up
    /// How they are to be seen; once attached, how they are.
    ConnectErrors connect_errors = ConnectErrors::none;

    int try_to_load(const ProbeOptions& options, const FileDescriptor& cgroup);
    void load(const ProbeOptions& options, const FileDescriptor& cgroup);
    void set_programs(const ProbeOptions& options, const FileDescriptor& cgroup);
    void set_up_rings(Handler on_sample);
    void tell_slept();
    void attach(const FileDescriptor& cgroup);
    ConnectPrograms connect_programs() const;
    void set_slots();
    std::optional<bool> switch_on_callbacks();
};

// Without the hooks of accept() the owner of an accepted connection is known later.
void Probe::Impl::attach(const FileDescriptor& cgroup) {
    const auto& programs = skeleton->progs;
    links.push_back(attach_to(cgroup, programs.ctrack_sockops));
    if (!links.back())
        throw Error(fmt::format("cannot attach to the cgroup: {}: another program may be attached "
                                "there exclusively (bpftool cgroup show)",
                                std::strerror(errno)));
    for (auto* program : {programs.ctrack_accept4, programs.ctrack_accept6})
        if (Link link = attach_to(cgroup, program))
            links.push_back(std::move(link));
    // Last: an attempt would be told whose callback was missed.
    connect_errors = watch_connect_errors(connect_programs(), connect_errors, cgroup, links);
}

ConnectPrograms Probe::Impl::connect_programs() const {
    const auto& programs = skeleton->progs;
    return {
        .noting = {programs.ctrack_connect4, programs.ctrack_connect6},
        .fexit = programs.ctrack_connect_returned,
        .tracepoint = programs.ctrack_connect_done,
        .suspecting = {programs.ctrack_connect4_suspecting, programs.ctrack_connect6_suspecting},
        .clues = {programs.ctrack_route_looked_up, programs.ctrack_route6_looked_up,
                  programs.ctrack_state_set_back}};
}

void Probe::Impl::set_programs(const ProbeOptions& options, const FileDescriptor& cgroup) {
    choose_connect_programs(connect_programs(), connect_errors);
    auto& settings = skeleton->rodata->settings;
    settings.cgroup_id = inode_of(cgroup);
    settings.connect_errors = connect_errors != ConnectErrors::none;
    settings.rtt_enabled = options.rtt_enabled;
    settings.rtt_min_gap_ns = static_cast<std::uint64_t>(options.rtt_min_gap.count());
    settings.lifecycle_rings = static_cast<std::uint32_t>(lifecycle_rings.all().size());
    settings.wakeup_bytes = std::min(
        {max_wakeup_bytes, lifecycle_rings.bytes_of_one() / 4, sample_rings.bytes_of_one() / 4});
    sample_rings.set_sizes(skeleton->maps.samples, settings);
}

// Without that function of the kernel (before Linux 6.2) nobody could walk over them.
void Probe::Impl::set_slots() {
    const bool can_walk = libbpf_find_vmlinux_btf_id("bpf_rdonly_cast", BPF_TRACE_FENTRY) > 0;
    bpf_program__set_autoload(skeleton->progs.ctrack_walk_slots, can_walk);
    if (!can_walk)
        return;
    bpf_map__set_max_entries(skeleton->maps.slots, slots);
    skeleton->rodata->settings.slots = slots;
}

void Probe::Impl::set_up_rings(Handler on_sample) {
    lifecycle_rings.put_in(skeleton->maps.lifecycle_rings);
    epoll = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
    for (const Ring& ring : lifecycle_rings.all())
        add_to(epoll, ring.map().get(), EPOLLIN | EPOLLET);
    samples.emplace(sample_rings.map(skeleton->maps.samples, skeleton->bss->sample_rings),
                    std::move(on_sample));
}

// What is less than a millisecond is no sleep. It never shrinks, or times would go back.
void Probe::Impl::tell_slept() {
    const std::uint64_t now = slept_ns();
    if (now > skeleton->bss->slept_ns + 1'000'000)
        skeleton->bss->slept_ns = now;
}

// 0, or a negative errno.
int Probe::Impl::try_to_load(const ProbeOptions& options, const FileDescriptor& cgroup) {
    skeleton.reset(ctrack_bpf__open());
    if (!skeleton)
        return -errno;
    set_programs(options, cgroup);
    set_slots();
    return ctrack_bpf__load(skeleton.get());
}

// A kernel whose task work is not the one we know has the tracepoint.
void Probe::Impl::load(const ProbeOptions& options, const FileDescriptor& cgroup) {
    connect_errors =
        options.connect_errors ? *options.connect_errors : cheapest_way_to_see_connect_errors();
    int error = try_to_load(options, cgroup);
    if (error != 0 && connect_errors == ConnectErrors::task_work) {
        connect_errors = ConnectErrors::tracepoint;
        error = try_to_load(options, cgroup);
    }
    if (error != 0)
        throw_load_error(-error);
}

Probe::Probe(const ProbeOptions& options, const FileDescriptor& cgroup, Handler on_lifecycle,
             Handler on_sample)
    : impl_(new Impl(options, std::move(on_lifecycle))) {
    libbpf_set_print(options.verbose ? print_message : nullptr);
    impl_->load(options, cgroup);
    impl_->set_up_rings(std::move(on_sample));
    impl_->tell_slept();
    impl_->attach(cgroup);
}

Probe::~Probe() = default;

void Probe::detach() {
    // Unlike closing a link this is done when it returns, but for calls that
    // are just under way on another CPU; membarrier waits for those to end.
    for (auto link = impl_->links.rbegin(); link != impl_->links.rend(); ++link)
        if (bpf_link_detach(bpf_link__fd(link->get())) != 0) // not all kinds know it
            link->reset();
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0) // none with nohz_full
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    impl_->links.clear();
}

// False if the kernel refused it for a socket; nullopt if there was none.
std::optional<bool> Probe::Impl::switch_on_callbacks() {
    const BpfIterator iterator(skeleton->progs.ctrack_switch_on);
    std::optional<bool> all_on;
    for_each_network_namespace([&] {
        iterator.run<int>([&](int result) {
            all_on = all_on.value_or(true) && result == 0;
            return true;
        });
    });
    return all_on;
}

ConnectErrors Probe::connect_errors() const { return impl_->connect_errors; }

std::optional<Adoption> Probe::adopt() {
    auto& programs = impl_->skeleton->progs;
    BpfIterator(programs.ctrack_find_owners).run<int>([](int) { return true; });
    const auto all_on = impl_->switch_on_callbacks();
    if (!all_on)
        return std::nullopt;
    if (*all_on)
        return Adoption::callbacks;
    Link link(bpf_program__attach(programs.ctrack_old_socket_state));
    if (!link)
        throw Error(fmt::format("cannot attach to the tracepoint inet_sock_set_state: {}",
                                std::strerror(errno)));
    impl_->links.push_back(std::move(link));
    return Adoption::state_tracepoint;
}

void Probe::begin_walk() {
    const auto monotonic_us = static_cast<std::uint64_t>(clock_now_us(CLOCK_MONOTONIC));
    impl_->skeleton->bss->walk_began_ns = monotonic_us * 1000 + impl_->skeleton->bss->slept_ns;
}

bool Probe::walk(const Handler& on_summary) {
    const ctrack_bpf& skeleton = *impl_->skeleton;
    bool has_room = true;
    const auto pass_on = [&](const ctrack_summary& summary) {
        return has_room = on_summary(std::as_bytes(std::span(&summary, 1)));
    };
    const BpfIterator stored(skeleton.progs.ctrack_walk, skeleton.maps.sockets);
    while (has_room && stored.run<ctrack_summary>(pass_on) != 0) // until it meets nothing new
        continue;
    if (has_room && bpf_program__autoload(skeleton.progs.ctrack_walk_slots))
        BpfIterator(skeleton.progs.ctrack_walk_slots, skeleton.maps.slots)
            .run<ctrack_summary>(pass_on);
    return has_room;
}

void Probe::watch(int descriptor) {
    add_to(impl_->epoll, descriptor, EPOLLIN);
    impl_->watched = descriptor;
}

bool Probe::wait(std::chrono::milliseconds timeout) {
    std::array<epoll_event, CTRACK_MAX_RINGS + 1> events{};
    const int ready = epoll_wait(impl_->epoll.get(), events.data(), events.size(),
                                 static_cast<int>(timeout.count()));
    impl_->tell_slept();
    return std::any_of(
        events.begin(), events.begin() + std::max(ready, 0),
        [this](const epoll_event& event) { return event.data.fd == impl_->watched; });
}

Rings<RingReader>& Probe::lifecycle_rings() { return impl_->lifecycle; }

Rings<SampleReader>& Probe::sample_rings() { return *impl_->samples; }

Losses Probe::losses() const {
    std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
    const auto total = [&](std::uint32_t cause) {
        bpf_map__lookup_elem(impl_->skeleton->maps.losses, &cause, sizeof cause, per_cpu.data(),
                             per_cpu.size() * sizeof per_cpu[0], 0);
        return static_cast<std::int64_t>(
            std::accumulate(per_cpu.begin(), per_cpu.end(), std::uint64_t{0}));
    };
    return {.lifecycle_ring = total(CTRACK_LOSS_LIFECYCLE_RING),
            .sample_ring = total(CTRACK_LOSS_SAMPLE_RING),
            .no_storage = total(CTRACK_LOSS_NO_STORAGE)};
}

} // namespace ctrack
