// SPDX-License-Identifier: Apache-2.0
//
// What /proc says of an owner.
#pragma once

#include <string>
#include <unordered_set>

#include "recorder/fold/batch.h"

namespace ctrack {

/// Reads what proc_root/PID says of the owner. Fields stay empty if the process has gone, or if its
/// pid belongs to another process now, which has another start time. The fields exe and cmdline
/// also stay empty if the process has executed another program since, which has another name.
ProcessRow read_process(const ctrack_owner& owner, const std::string& proc_root = "/proc");

/// These tell one owner from another by pid, start time and name.
struct OwnerEqual {
    bool operator()(const ctrack_owner& a, const ctrack_owner& b) const;
};
struct OwnerHash {
    std::size_t operator()(const ctrack_owner& owner) const;
};

/// Remembers which owners have been read.
class ProcessReader {
public:
    /// Appends the owner to rows when it is seen for the first time. Pid 0 is nobody.
    void observe(const ctrack_owner& owner, std::vector<ProcessRow>& rows);

    /// Appends what a process told of itself, and what /proc adds if the process still exists.
    void observe(const ctrack_process& process, std::vector<ProcessRow>& rows);

private:
    std::unordered_set<ctrack_owner, OwnerHash, OwnerEqual>
        seen_; ///< emptied when it has 65,536 (4 MiB)
};

/// The name of the owner, which ends at the first zero byte.
std::string comm_of(const ctrack_owner& owner);

} // namespace ctrack
