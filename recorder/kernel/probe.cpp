// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/probe.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include "common/clock.h"
#include "common/error.h"
#include "recorder/kernel/adopter.h"
#include "recorder/kernel/bpf_iterator.h"
#include "recorder/kernel/bpf_link.h"
#include "recorder/kernel/connect_errors.h"
#include "recorder/kernel/hook_programs.h"
#include "recorder/kernel/load.h"
#include "recorder/kernel/rings.h"

#include "bpf/ctrack_event.h"

namespace ctrack {

namespace {

// How long the machine has been suspended since it was booted. What passes between the two
// readings makes it too little, never too much.
std::uint64_t slept_ns() {
    const std::int64_t boottime_us = clock_now_us(CLOCK_BOOTTIME);
    const std::int64_t slept_us = boottime_us - clock_now_us(CLOCK_MONOTONIC);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(slept_us, 0)) * 1000;
}

[[noreturn]] void throw_attach_error(int error, const FileDescriptor& cgroup) {
    const auto others = programs_on_hook(cgroup);
    throw Error(
        fmt::format("cannot attach to the cgroup: {}: {} may be attached there or above "
                    "exclusively: detach it (bpftool cgroup show), or record another "
                    "cgroup with --cgroup",
                    std::strerror(error),
                    others.empty() ? "another program" : fmt::to_string(fmt::join(others, ", "))));
}

} // namespace

// Members are destroyed from the last to the first: the links go first, so that no program runs any
// more.
struct Probe::Impl {
    Impl(const ProbeOptions& options, const FileDescriptor& cgroup, const FileDescriptor& stop);

    LoadedPrograms loaded;
    ctrack_bpf& skeleton;
    Rings rings;
    std::vector<Link> links{};                 ///< in the order in which they were attached
    std::optional<BpfIterator> walks_stored{}; ///< over the sockets that have socket storage
    std::optional<BpfIterator> walks_slots{};  ///< over those in slots, where the kernel can
    std::optional<Adopter> adopter{};
    bool walked = false;
    bool sees_accept = true;

    void tell_slept();
    void attach_walks();
    bool walk(const RecordHandler& on_met) const;
    std::optional<std::int64_t> count(std::uint32_t cause) const;
};

Probe::Impl::Impl(const ProbeOptions& options, const FileDescriptor& cgroup,
                  const FileDescriptor& stop)
    : loaded(load_programs(options, cgroup)), skeleton(*loaded.skeleton),
      rings(skeleton, options, stop) {
    tell_slept();
}

// Less than a millisecond is no suspension but the inaccuracy of reading two clocks. The value
// never shrinks, because then times would go back.
void Probe::Impl::tell_slept() {
    const std::uint64_t now = slept_ns();
    if (now > skeleton.bss->slept_ns + 1'000'000)
        skeleton.bss->slept_ns = now;
}

Probe::Probe(const ProbeOptions& options, const FileDescriptor& cgroup, const FileDescriptor& stop)
    : impl_(new Impl(options, cgroup, stop)) {}

Probe::~Probe() = default;

// The hooks of accept() may be missing: then the owner of an accepted connection is known later.
// connect() is watched last, because an attempt noted before the callbacks are attached would be
// sent although TCP has made the connection.
void Probe::attach(const FileDescriptor& cgroup) {
    const auto& programs = impl_->skeleton.progs;
    auto& links = impl_->links;
    links.emplace_back(bpf_program__attach_cgroup(programs.ctrack_sockops, cgroup.get()));
    if (!links.back())
        throw_attach_error(errno, cgroup);
    for (auto* program : {programs.ctrack_accept4, programs.ctrack_accept6}) {
        Link link(bpf_program__attach_cgroup(program, cgroup.get()));
        impl_->sees_accept = impl_->sees_accept && link;
        if (link)
            links.push_back(std::move(link));
    }
    for (auto* program : {programs.ctrack_reset_sent, programs.ctrack_executed})
        links.push_back(attach_tracepoint(program));
    impl_->attach_walks();
    impl_->loaded.connect_errors =
        watch_connect_errors(impl_->skeleton, impl_->loaded.connect_errors, cgroup, links);
}

// Unlike closing a link, bpf_link_detach() has taken effect when it returns. Only calls that are
// under way on another CPU go on, and membarrier waits until they have ended.
void Probe::detach() {
    for (auto link = impl_->links.rbegin(); link != impl_->links.rend(); ++link)
        if (bpf_link_detach(bpf_link__fd(link->get())) != 0) // some kinds of links refuse it
            link->reset();
    if (impl_->adopter)
        impl_->adopter->detach();
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0) // refused with nohz_full
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    impl_->links.clear();
}

ConnectErrors Probe::connect_errors() const { return impl_->loaded.connect_errors; }

bool Probe::sees_accept() const { return impl_->sees_accept; }

// Goes on until it is known how the sockets are seen. The rest can wait until new ones are
// recorded.
std::optional<Adoption> Probe::adopt() {
    Adopter& adopter = impl_->adopter.emplace(impl_->skeleton);
    while (!adopter.way() && adopter.next_has_sockets())
        adopter.adopt_next();
    return adopter.way();
}

bool Probe::adopt_more() { return impl_->adopter && impl_->adopter->adopt_next(); }

void Probe::begin_walk() {
    const auto monotonic_us = static_cast<std::uint64_t>(clock_now_us(CLOCK_MONOTONIC));
    impl_->skeleton.bss->walk_began_ns = monotonic_us * 1000 + impl_->skeleton.bss->slept_ns;
    impl_->skeleton.bss->only_listeners = !std::exchange(impl_->walked, true);
}

bool Probe::walk(const RecordHandler& on_met) {
    __u8& only_listeners = impl_->skeleton.bss->only_listeners;
    if (only_listeners && !impl_->walk(on_met))
        return false;
    only_listeners = false;
    return impl_->walk(on_met);
}

// A walk tells of a connection in one of two kinds of records.
static std::size_t bytes_of_met(std::span<const std::byte> records) {
    if (records.size() < sizeof(ctrack_event))
        return records.size();
    const auto kind = static_cast<unsigned>(records[offsetof(ctrack_event, kind)]);
    return kind == CTRACK_UNMOVED ? sizeof(ctrack_event) : sizeof(ctrack_summary);
}

// They are attached once, because to attach is nothing that the recorder may do for life.
void Probe::Impl::attach_walks() {
    walks_stored.emplace(skeleton.progs.ctrack_walk, skeleton.maps.sockets);
    if (bpf_program__autoload(skeleton.progs.ctrack_walk_slots))
        walks_slots.emplace(skeleton.progs.ctrack_walk_slots, skeleton.maps.slots);
}

// An iterator over stored sockets may pass over some of them (bpf/walk.h), so it is run again until
// it meets no socket that is new to this walk.
bool Probe::Impl::walk(const RecordHandler& on_met) const {
    bool has_room = true;
    const auto pass_on = [&](std::span<const std::byte> record) {
        return has_room = on_met(record);
    };
    while (has_room && walks_stored->run(bytes_of_met, pass_on) != 0)
        continue;
    if (has_room && walks_slots)
        walks_slots->run(bytes_of_met, pass_on);
    return has_room;
}

bool Probe::wait(std::chrono::milliseconds timeout) {
    const bool is_to_stop = impl_->rings.wait(timeout);
    impl_->tell_slept();
    return is_to_stop;
}

MergedRings<RingReader>& Probe::lifecycle_rings() { return impl_->rings.lifecycle; }

MergedRings<SampleReader>& Probe::sample_rings() { return impl_->rings.samples; }

// Adds up what the CPUs have counted; nullopt if the kernel refuses to tell.
std::optional<std::int64_t> Probe::Impl::count(std::uint32_t cause) const {
    std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
    if (bpf_map__lookup_elem(skeleton.maps.losses, &cause, sizeof cause, per_cpu.data(),
                             per_cpu.size() * sizeof per_cpu[0], 0) != 0)
        return std::nullopt;
    return static_cast<std::int64_t>(
        std::accumulate(per_cpu.begin(), per_cpu.end(), std::uint64_t{0}));
}

Losses Probe::losses() const {
    const auto& adopter = impl_->adopter;
    const auto total = [&](std::uint32_t cause) { return impl_->count(cause).value_or(0); };
    return {.lifecycle_ring = total(CTRACK_LOSS_LIFECYCLE_RING),
            .sample_ring = total(CTRACK_LOSS_SAMPLE_RING),
            .no_storage = total(CTRACK_LOSS_NO_STORAGE),
            .netns = adopter ? static_cast<std::int64_t>(adopter->missed()) : 0};
}

bool Probe::is_readable() const { return impl_->count(CTRACK_LOSS_LIFECYCLE_RING).has_value(); }

} // namespace ctrack
