// SPDX-License-Identifier: Apache-2.0
//
// What /proc knows of an owner.
#pragma once

#include <string>
#include <unordered_set>

#include "recorder/fold/batch.h"

namespace ctrack {

/// Reads proc_root/PID. Fields stay empty where the process has gone, its pid
/// now belongs to another (start times differ), or, for exe and cmdline, it has
/// since executed another program (names differ).
ProcessRow read_process(const ctrack_owner& owner, const std::string& proc_root = "/proc");

/// What tells one owner from another: pid, start time and name.
struct OwnerEqual {
    bool operator()(const ctrack_owner& a, const ctrack_owner& b) const;
};
struct OwnerHash {
    std::size_t operator()(const ctrack_owner& owner) const;
};

/// Remembers which owners have been read.
class ProcessReader {
public:
    /// Appends the owner to rows at its first sight; pid 0 is nobody.
    void observe(const ctrack_owner& owner, std::vector<ProcessRow>& rows);

    /// Appends what a process told of itself, and what /proc adds if it is there.
    void observe(const ctrack_process& process, std::vector<ProcessRow>& rows);

private:
    std::unordered_set<ctrack_owner, OwnerHash, OwnerEqual> seen_; ///< emptied at 65,536 (4 MiB)
};

/// comm up to its first zero byte.
std::string comm_of(const ctrack_owner& owner);

} // namespace ctrack
