// SPDX-License-Identifier: Apache-2.0
//
// What the options mean for the parts of the recorder.
#pragma once

#include <cstdint>
#include <string>

#include "recorder/kernel/probe.h"
#include "recorder/options.h"
#include "recorder/store/recording_file.h"

namespace ctrack {

ProbeOptions probe_options(const Options& options);

/// The cgroup to record: the one that was asked for, or else the root of cgroup2. Throws Error if
/// there is none.
std::string cgroup_of(const Options& options);

RetentionLimits limits_of(const Options& options);
std::int64_t heartbeat_interval_us(const Options& options);

} // namespace ctrack
