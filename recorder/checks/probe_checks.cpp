// SPDX-License-Identifier: Apache-2.0
#include "recorder/checks/probe_checks.h"

#include <fmt/format.h>

namespace ctrack {

namespace {

// Ours run beside them. What they may do to ours only a trial tells.
Check check_others(const std::vector<std::string>& others) {
    return {"other programs", State::ok,
            others.empty() ? "none on the hook"
                           : fmt::format("run beside ours: {}", fmt::join(others, ", "))};
}

const char* way_of(ConnectErrors way) {
    switch (way) {
    case ConnectErrors::fexit: return "seen where inet_stream_connect() returns";
    case ConnectErrors::task_work: return "seen by task work";
    case ConnectErrors::tracepoint:
        return "seen by a tracepoint, which slows each system call of the host by some 40 ns";
    case ConnectErrors::none: break;
    }
    return "not seen";
}

Check check_connect_errors(ConnectErrors way, bool is_wanted) {
    if (way != ConnectErrors::none)
        return {"connect errors", State::ok, way_of(way)};
    if (!is_wanted)
        return {"connect errors", State::ok, "not asked for (--connect-errors off)"};
    return {"connect errors", State::less, way_of(way),
            "a connect() that fails before TCP sends anything (no route, no free port, forbidden) "
            "is missing",
            "give CAP_SYS_ADMIN for the tracepoint (tracefs); detach a program that has the hook "
            "connect4 or connect6 to itself (bpftool cgroup show)"};
}

Check check_accept(bool is_seen) {
    if (is_seen)
        return {"accept", State::ok, "seen"};
    return {"accept", State::less, "not seen",
            "the owner of an accepted connection is the one that listens, until another closes it",
            "detach the program that has the hook getpeername4 or getpeername6 to itself (bpftool "
            "cgroup show)"};
}

Check check_adoption(std::optional<Adoption> adoption) {
    if (!adoption)
        return {"older connections", State::ok, "there is none to try it on"};
    if (*adoption == Adoption::callbacks)
        return {"older connections", State::ok, "seen like all others"};
    return {"older connections", State::less, "their end is seen, by a tracepoint",
            "connections older than the recording have no RTT and no retransmissions",
            "use Linux 6.12 or newer"};
}

} // namespace

Checks check_seen(const Seen& seen) {
    return {check_others(seen.others),
            check_connect_errors(seen.connect_errors, seen.wants_connect_errors),
            check_accept(seen.accept), check_adoption(seen.adoption)};
}

} // namespace ctrack
