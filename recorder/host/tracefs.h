// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ctrack {

/// The number by which perf_event_open() knows a tracepoint such as "syscalls/sys_exit_connect".
/// nullopt if there is no such tracepoint, no tracefs, or no privilege. tracefs need not be
/// mounted, because this makes a mount of its own, which nobody else sees.
std::optional<std::uint64_t> find_tracepoint_id(const std::string& name);

} // namespace ctrack
