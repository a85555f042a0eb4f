// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ctrack {

/// Where to look; tests have files of their own.
struct MemoryFiles {
    std::string own_cgroups = "/proc/self/cgroup";
    std::string root_v1 = "/sys/fs/cgroup/memory"; ///< where all distributions mount it
    std::string root_v2;                           ///< empty if cgroup2 is not mounted
};

/// The least limit of memory, in bytes, of the cgroups that this process is in, of cgroup2 and of
/// v1. nullopt if there is none. The rings of BPF programs count to them.
std::optional<std::uint64_t> memory_limit(const MemoryFiles& files);

/// The memory that the kernel could give without swapping (MemAvailable), in bytes; 0: not known.
std::uint64_t memory_available();

} // namespace ctrack
