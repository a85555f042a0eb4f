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
    /// cgroup_path: the cgroup that is recorded. Throws Error.
    explicit OwnerReader(std::string cgroup_path);

    void observe(const LifecycleRecord& record);

    /// Those found since the last call.
    void take_into(Batch& batch);

    /// All are new again.
    void forget();

private:
    std::string cgroup_path_;
    ProcessReader process_reader_;
    CgroupReader cgroup_reader_;
    std::vector<ProcessRow> processes_;
    std::vector<CgroupRow> cgroups_;
};

} // namespace ctrack
