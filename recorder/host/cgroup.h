// SPDX-License-Identifier: Apache-2.0
//
// The cgroup2 hierarchy: where it is mounted, and which cgroup has which id.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "common/file_descriptor.h"
#include "recorder/fold/batch.h"

namespace ctrack {

/// Finds in a mountinfo file the directory where the root of cgroup2 is mounted: mostly
/// /sys/fs/cgroup, or /sys/fs/cgroup/unified on hybrid hosts. In a container it is where most of
/// the hierarchy is mounted. nullopt if it is mounted nowhere. Throws Error if the file cannot be
/// read.
std::optional<std::string> find_cgroup2_root(const std::string& mountinfo = "/proc/self/mountinfo");

/// Opens a cgroup2 directory. Throws Error if the directory is not one of cgroup2.
FileDescriptor open_cgroup(const std::string& directory);

/// What the path of a cgroup says of it; what it does not say is empty.
struct Place {
    std::string container_id;
    std::string systemd_unit;
    std::string systemd_slice;
    std::string systemd_user_unit;
};

/// Reads the path from the root on, because whoever a part of the hierarchy was delegated to names
/// what is below as they like. systemd puts a unit below slices, which begin at the root; the
/// manager of a user puts its own units below user@UID.service in the same way. A container is
/// known by the 64 hex digits that docker, containerd, podman and CRI-O put there, unless a user
/// has; the outermost is the one that this host knows.
Place place_of(const std::string& path);

/// Finds the paths of cgroups by the id the kernel gives them (their inode number), by walks over
/// their directories.
class CgroupReader {
public:
    /// The root is the directory where the root of cgroup2 is mounted or, in a container, where as
    /// much of it is mounted as can be seen. Throws Error.
    explicit CgroupReader(std::string root);

    /// Notes a cgroup that is seen for the first time. It is looked for at once, because it may go
    /// soon, or else at the next take(), where the last walk was but a moment ago. Id 0 is none.
    void observe(std::uint64_t kernel_id);

    /// Those that were noted since the last call. The path is "/" for the root itself, and nullopt
    /// if the cgroup has gone.
    std::vector<CgroupRow> take();

    /// Forgets which cgroups were seen.
    void forget() { seen_.clear(); }

private:
    using Clock = std::chrono::steady_clock;

    void walk();

    std::string root_;
    std::unordered_set<std::uint64_t> seen_; ///< emptied when it has 65,536 (about 2 MiB)
    std::vector<CgroupRow> unnamed_;         ///< no walk has looked for these
    std::vector<CgroupRow> named_;
    Clock::time_point next_walk_; ///< not before
};

} // namespace ctrack
