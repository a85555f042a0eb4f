// SPDX-License-Identifier: Apache-2.0
#include "recorder/kernel/hook_programs.h"

#include <array>
#include <cstdint>

#include <bpf/bpf.h>
#include <fmt/format.h>

namespace ctrack {

namespace {

constexpr std::uint32_t most_programs = 64; // a cgroup can have no more (BPF_CGROUP_MAX_PROGS)

std::string described(std::uint32_t id) {
    const FileDescriptor program(bpf_prog_get_fd_by_id(id));
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    if (!program.valid() || bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0)
        return fmt::format("id {}", id);
    return fmt::format("{} (id {})", info.name, id);
}

} // namespace

std::vector<std::string> programs_on_hook(const FileDescriptor& cgroup) {
    std::array<std::uint32_t, most_programs> ids{};
    std::uint32_t count = ids.size();
    if (bpf_prog_query(cgroup.get(), BPF_CGROUP_SOCK_OPS, BPF_F_QUERY_EFFECTIVE, nullptr,
                       ids.data(), &count) != 0)
        return {};
    std::vector<std::string> programs;
    for (std::uint32_t i = 0; i < count; ++i)
        programs.push_back(described(ids[i]));
    return programs;
}

} // namespace ctrack
