// SPDX-License-Identifier: Apache-2.0
#include "recorder/host/owner_reader.h"

#include <utility>

namespace ctrack {

OwnerReader::OwnerReader(const std::string& cgroup_path)
    : cgroup_reader_(find_cgroup2_root().value_or(cgroup_path)) {}

void OwnerReader::observe(const LifecycleRecord& record) {
    if (const auto* summary = std::get_if<ctrack_summary>(&record)) {
        process_reader_.observe(summary->owner, processes_);
        cgroup_reader_.observe(summary->owner.cgroup_id);
        cgroup_reader_.observe(summary->cgroup_id);
    } else if (const auto* process = std::get_if<ctrack_process>(&record)) {
        process->event.kind == CTRACK_EXECUTED ? process_reader_.note(*process)
                                               : process_reader_.observe(*process, processes_);
    }
}

void OwnerReader::take_into(Batch& batch) {
    batch.processes = std::exchange(processes_, {});
    batch.cgroups = cgroup_reader_.take();
}

void OwnerReader::forget() {
    process_reader_ = ProcessReader();
    cgroup_reader_.forget();
}

} // namespace ctrack
