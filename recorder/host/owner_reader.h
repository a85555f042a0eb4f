// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "recorder/fold/batch.h"
#include "recorder/fold/decode.h"
#include "recorder/host/cgroup.h"
#include "recorder/host/process_info.h"

namespace ctrack {

/// Looks up processes and cgroups when a record names them for the first time.
class OwnerReader {
public:
    /// The path is that of the cgroup that is recorded. Throws Error.
    explicit OwnerReader(const std::string& cgroup_path);

    /// Looks up the process and the cgroup that the record names, if they are new.
    void observe(const LifecycleRecord& record);

    /// Moves into the batch what was found since the last call.
    void take_into(Batch& batch);

    /// Forgets which processes and cgroups were looked up.
    void forget();

private:
    ProcessReader process_reader_;
    CgroupReader cgroup_reader_;
    std::vector<ProcessRow> processes_;
};

} // namespace ctrack
