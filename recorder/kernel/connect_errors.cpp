// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/connect_errors.h"

#include <algorithm>
#include <iterator>

#include "recorder/host/tracefs.h"
#include "recorder/kernel/task_work.h"

namespace ctrack {

namespace {

Link attach_to_system_call(const bpf_program* program) {
    const auto id = find_tracepoint_id("syscalls/sys_exit_connect");
    return id ? attach_tracepoint(program, *id) : nullptr;
}

std::vector<Link> attach_ends(const ConnectPrograms& programs, ConnectErrors way) {
    std::vector<Link> links;
    if (way == ConnectErrors::fexit)
        links.emplace_back(bpf_program__attach(programs.fexit));
    if (way == ConnectErrors::tracepoint)
        links.push_back(attach_to_system_call(programs.tracepoint));
    if (way == ConnectErrors::task_work)
        for (const auto* program : programs.clues)
            links.emplace_back(bpf_program__attach(program));
    return links;
}

} // namespace

ConnectErrors cheapest_way_to_see_connect_errors() {
    if (can_attach_at_return("inet_stream_connect"))
        return ConnectErrors::fexit;
    return kernel_has_task_work() ? ConnectErrors::task_work : ConnectErrors::tracepoint;
}

void choose_connect_programs(const ConnectPrograms& programs, ConnectErrors way) {
    const bool has_task_work = way == ConnectErrors::task_work;
    for (auto* program : programs.noting)
        bpf_program__set_autoload(program, !has_task_work && way != ConnectErrors::none);
    bpf_program__set_autoload(programs.fexit, way == ConnectErrors::fexit);
    bpf_program__set_autoload(programs.tracepoint, way == ConnectErrors::tracepoint);
    const auto set_for_task_work = [&](bpf_program* program) {
        bpf_program__set_autoload(program, has_task_work);
        if (has_task_work)
            put_in_task_work(program);
    };
    std::ranges::for_each(programs.suspecting, set_for_task_work);
    std::ranges::for_each(programs.clues, set_for_task_work);
}

ConnectErrors watch_connect_errors(const ConnectPrograms& programs, ConnectErrors way,
                                   const FileDescriptor& cgroup, std::vector<Link>& links) {
    std::vector<Link> all = attach_ends(programs, way);
    if (way != ConnectErrors::none)
        for (const auto* program :
             way == ConnectErrors::task_work ? programs.suspecting : programs.noting)
            all.push_back(attach_to(cgroup, program));
    if (!std::ranges::all_of(all, [](const Link& link) { return link != nullptr; }))
        return ConnectErrors::none;
    std::ranges::move(all, std::back_inserter(links));
    return way;
}

} // namespace ctrack
