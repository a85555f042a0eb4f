// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/connect_errors.h"

#include <algorithm>
#include <iterator>

#include "recorder/kernel/task_work.h"

namespace ctrack {

namespace {

// The programs that one way needs.
struct ConnectPrograms {
    std::vector<bpf_program*> begins; ///< cgroup/connect4 and connect6
    std::vector<bpf_program*> ends;   ///< these see that a call has failed
};

ConnectPrograms programs_of(const ctrack_bpf& skeleton, ConnectErrors way) {
    const auto& all = skeleton.progs;
    switch (way) {
    case ConnectErrors::none: break;
    case ConnectErrors::fexit:
        return {{all.ctrack_connect4, all.ctrack_connect6}, {all.ctrack_connect_returned}};
    case ConnectErrors::tracepoint:
        return {{all.ctrack_connect4, all.ctrack_connect6}, {all.ctrack_connect_done}};
    case ConnectErrors::task_work:
        return {
            {all.ctrack_connect4_suspecting, all.ctrack_connect6_suspecting},
            {all.ctrack_route_looked_up, all.ctrack_route6_looked_up, all.ctrack_state_set_back}};
    }
    return {};
}

} // namespace

ConnectErrors cheapest_way_to_see_connect_errors() {
    if (can_attach_at_return("inet_stream_connect"))
        return ConnectErrors::fexit;
    return kernel_has_task_work() ? ConnectErrors::task_work : ConnectErrors::tracepoint;
}

// libbpf loads these programs only if it is told to, because "?" stands before their sections.
void choose_connect_programs(const ctrack_bpf& skeleton, ConnectErrors way) {
    const auto [begins, ends] = programs_of(skeleton, way);
    for (const auto& programs : {begins, ends})
        for (auto* program : programs) {
            bpf_program__set_autoload(program, true);
            if (way == ConnectErrors::task_work)
                put_in_task_work(program);
        }
}

ConnectErrors watch_connect_errors(const ctrack_bpf& skeleton, ConnectErrors way,
                                   const FileDescriptor& cgroup, std::vector<Link>& links) {
    const auto [begins, ends] = programs_of(skeleton, way);
    std::vector<Link> all;
    for (const auto* program : ends)
        all.push_back(way == ConnectErrors::tracepoint
                          ? attach_tracepoint(program, "syscalls/sys_exit_connect")
                          : Link(bpf_program__attach(program)));
    for (const auto* program : begins)
        all.emplace_back(bpf_program__attach_cgroup(program, cgroup.get()));
    if (!std::ranges::all_of(all, [](const Link& link) { return link != nullptr; }))
        return ConnectErrors::none;
    std::ranges::move(all, std::back_inserter(links));
    return way;
}

} // namespace ctrack
