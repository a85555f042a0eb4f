// SPDX-License-Identifier: Apache-2.0
#include "recorder/privileges/capabilities.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <sys/capability.h>
#include <sys/prctl.h>

#include <fmt/format.h>

#include "common/error.h"

namespace ctrack {

namespace {

constexpr std::array needed{
    Capability{CAP_BPF, "CAP_BPF", Keeps::start, true, "load the kernel programs, make their maps",
               "nothing can be recorded"},
    Capability{CAP_PERFMON, "CAP_PERFMON", Keeps::start, true,
               "let the kernel programs read the kernel's memory, attach them to tracepoints",
               "nothing can be recorded"},
    Capability{CAP_NET_ADMIN, "CAP_NET_ADMIN", Keeps::always, true,
               "attach the kernel programs to a cgroup; later, ask the kernel how it translates "
               "addresses (NAT)",
               "nothing can be recorded"},
    Capability{CAP_SYS_ADMIN, "CAP_SYS_ADMIN", Keeps::start, false,
               "enter other network namespaces, for the connections there that are older than the "
               "recording; mount a tracefs of its own, which nobody else sees",
               "no RTT of older connections in other network namespaces; failed connect() calls "
               "are not seen where only a tracepoint tells them"},
    Capability{CAP_SYS_PTRACE, "CAP_SYS_PTRACE", Keeps::always, false,
               "read which program other processes run (/proc/PID/exe), and in which network "
               "namespace they are",
               "no paths of programs of other users; no counters of other network namespaces"},
};

using State = std::unique_ptr<std::remove_pointer_t<cap_t>, decltype(&cap_free)>;

State current() {
    State state(cap_get_proc(), &cap_free);
    if (!state)
        throw Error(fmt::format("cannot read the own capabilities: {}", std::strerror(errno)));
    return state;
}

bool is_set(const State& state, int number, cap_flag_t set) {
    cap_flag_value_t value = CAP_CLEAR;
    return cap_get_flag(state.get(), number, set, &value) == 0 && value == CAP_SET;
}

// What is in the bounding set can come back by executing a file, where that is not forbidden
// otherwise. Who has not CAP_SETPCAP cannot take anything out of it.
void bound(const State& state, std::span<const int> kept) {
    if (!is_set(state, CAP_SETPCAP, CAP_EFFECTIVE))
        return;
    for (int number = 0; number < cap_max_bits(); ++number)
        if (std::ranges::find(kept, number) == kept.end())
            cap_drop_bound(number);
}

// Puts those of the capabilities that are permitted into a set.
void copy(const State& from, std::span<const int> numbers, cap_flag_t set, const State& to) {
    for (const int number : numbers)
        if (is_set(from, number, CAP_PERMITTED))
            cap_set_flag(to.get(), set, 1, &number, CAP_SET);
}

void put_in_force(const State& state) {
    if (cap_set_proc(state.get()) != 0)
        throw Error(fmt::format("cannot give up capabilities: {}", std::strerror(errno)));
}

} // namespace

std::span<const Capability> capabilities() { return needed; }

bool has_capability(int number) { return is_set(current(), number, CAP_EFFECTIVE); }

void gain_no_privileges() {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        throw Error(fmt::format("cannot set no_new_privs: {}", std::strerror(errno)));
}

bool works_with(std::span<const int> in_force, const std::function<bool()>& function) {
    const State before = current();
    const State meanwhile = current();
    cap_clear_flag(meanwhile.get(), CAP_EFFECTIVE);
    copy(before, in_force, CAP_EFFECTIVE, meanwhile);
    put_in_force(meanwhile);
    const bool works = function();
    put_in_force(before);
    return works;
}

void keep_capabilities(std::span<const int> kept) {
    const State before = current();
    bound(before, kept);
    const State after(cap_init(), &cap_free);
    copy(before, kept, CAP_PERMITTED, after);
    copy(before, kept, CAP_EFFECTIVE, after);
    cap_reset_ambient();
    put_in_force(after);
}

} // namespace ctrack
