// SPDX-License-Identifier: Apache-2.0
//
// The cgroup2 hierarchy: where it is mounted, and which cgroup has which id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "common/file_descriptor.h"
#include "recorder/fold/batch.h"

namespace ctrack {

/// The directory where the root of cgroup2 is mounted, from a mountinfo file:
/// /sys/fs/cgroup, or /sys/fs/cgroup/unified on hybrid hosts; nullopt if it is
/// mounted nowhere. Throws Error if the file cannot be read.
std::optional<std::string> find_cgroup2_root(const std::string& mountinfo = "/proc/self/mountinfo");

/// Opens a cgroup2 directory. Throws Error if it is none.
FileDescriptor open_cgroup(const std::string& directory);

/// What a cgroup's path says of the container and unit inside; empty = none.
/// The 64 hex digits that docker, containerd, podman and CRI-O put there; the
/// innermost component ending in .service, .scope or .slice; in .slice.
std::string container_id_of(const std::string& path);
std::string systemd_unit_of(const std::string& path);
std::string systemd_slice_of(const std::string& path);

/// Finds the paths of cgroups by the id the kernel gives them (their inode number).
class CgroupReader {
public:
    /// root: where the root of cgroup2 is mounted, or as much of it as can be
    /// seen. Throws Error.
    explicit CgroupReader(std::string root);

    /// Appends the cgroup to rows at its first sight.
    void observe(std::uint64_t kernel_id, std::vector<CgroupRow>& rows);

    /// The path below the root, "/" for the root; nullopt if it has gone.
    std::optional<std::string> path_of(std::uint64_t kernel_id) const;

private:
    std::string root_;
    FileDescriptor directory_;
    std::unordered_set<std::uint64_t> seen_; ///< emptied at 65,536 (about 2 MiB)
};

} // namespace ctrack
