// SPDX-License-Identifier: Apache-2.0
#include "recorder/connect_errors.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "recorder/tracefs.h"

namespace ctrack {

namespace {

bool is_chosen(const bpf_program* program) { return bpf_program__autoload(program); }

Link attach_at_end(const ConnectPrograms& programs) {
    if (is_chosen(programs.fexit))
        return Link(bpf_program__attach(programs.fexit));
    const auto id = find_tracepoint_id("syscalls/sys_exit_connect");
    return id ? attach_tracepoint(programs.tracepoint, *id) : nullptr;
}

} // namespace

void choose_connect_programs(const ConnectPrograms& programs, bool wanted) {
    const bool has_fexit = wanted && can_attach_at_return("inet_stream_connect");
    bpf_program__set_autoload(programs.fexit, has_fexit);
    bpf_program__set_autoload(programs.tracepoint, wanted && !has_fexit);
    for (auto* program : {programs.begun_ipv4, programs.begun_ipv6})
        bpf_program__set_autoload(program, wanted);
}

ConnectErrors watch_connect_errors(const ConnectPrograms& programs, const FileDescriptor& cgroup,
                                   std::vector<Link>& links) {
    if (!is_chosen(programs.begun_ipv4))
        return ConnectErrors::none;
    std::array<Link, 3> all{attach_at_end(programs), attach_to(cgroup, programs.begun_ipv4),
                            attach_to(cgroup, programs.begun_ipv6)};
    if (!std::ranges::all_of(all, [](const Link& link) { return link != nullptr; }))
        return ConnectErrors::none;
    std::ranges::move(all, std::back_inserter(links));
    return is_chosen(programs.fexit) ? ConnectErrors::fexit : ConnectErrors::tracepoint;
}

} // namespace ctrack
