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

/// Finds in a mountinfo file the directory where the root of cgroup2 is mounted: mostly
/// /sys/fs/cgroup, or /sys/fs/cgroup/unified on hybrid hosts. nullopt if it is mounted nowhere.
/// Throws Error if the file cannot be read.
std::optional<std::string> find_cgroup2_root(const std::string& mountinfo = "/proc/self/mountinfo");

/// Opens a cgroup2 directory. Throws Error if the directory is not one of cgroup2.
FileDescriptor open_cgroup(const std::string& directory);

/// These find in the path of a cgroup what it belongs to; the result is empty if there is nothing.
/// A container is known by the 64 hex digits that docker, containerd, podman and CRI-O put there.
/// The unit is the innermost component that ends in .service, .scope or .slice, and the slice is
/// the innermost component that ends in .slice.
std::string container_id_of(const std::string& path);
std::string systemd_unit_of(const std::string& path);
std::string systemd_slice_of(const std::string& path);

/// Finds the paths of cgroups by the id the kernel gives them (their inode number).
class CgroupReader {
public:
    /// The root is the directory where the root of cgroup2 is mounted or, in a container, where as
    /// much of it is mounted as can be seen. Throws Error.
    explicit CgroupReader(std::string root);

    /// Appends the cgroup to rows when it is seen for the first time.
    void observe(std::uint64_t kernel_id, std::vector<CgroupRow>& rows);

    /// The path of the cgroup below the root, "/" for the root itself; nullopt if it has gone.
    std::optional<std::string> path_of(std::uint64_t kernel_id) const;

private:
    std::string root_;
    FileDescriptor directory_;
    std::unordered_set<std::uint64_t> seen_; ///< emptied when it has 65,536 (about 2 MiB)
};

} // namespace ctrack
