// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "recorder/store/writer.h"

namespace ctrack::bench {

/// The invented host's. started_us: when its recording began, a wall clock time.
inline RecordingInfo recording_info(std::int64_t started_us) {
    return {.host = {"00000000000000000000000000000000", "bench", "bench", "6.12.0"},
            .version = "bench",
            .cgroup_path = "/sys/fs/cgroup",
            .rtt_mode = "every",
            .adoption = "callbacks",
            .connect_errors = "tracepoint",
            .options = "",
            .clock_offset_us = started_us - 1'000'000'000,
            .started_us = started_us,
            .heartbeat_interval_us = 10'000'000};
}

} // namespace ctrack::bench
