// SPDX-License-Identifier: Apache-2.0
#include "recorder/from_options.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "common/error.h"
#include "recorder/host/cgroup.h"

namespace ctrack {

namespace {

// How often the file is told that the recorder runs, if it commits as often as that.
constexpr std::chrono::milliseconds heartbeat_interval = std::chrono::seconds(10);

// The way that --connect-errors asks for; nullopt for the cheapest one.
std::optional<ConnectErrors> way_called(const std::string& name) {
    if (name == "auto")
        return std::nullopt;
    return name == "tracepoint" ? ConnectErrors::tracepoint : ConnectErrors::none;
}

} // namespace

ProbeOptions probe_options(const Options& options) {
    return {.lifecycle_rings = lay_out_lifecycle_rings(options.lifecycle_ring_bytes),
            .sample_rings = lay_out_sample_rings(options.sample_ring_bytes),
            .rtt_enabled = options.rtt_enabled,
            .rtt_min_gap = options.rtt_min_gap,
            .connect_errors = way_called(options.connect_errors),
            .verbose = options.verbose};
}

std::string cgroup_of(const Options& options) {
    if (options.cgroup != "auto")
        return options.cgroup;
    if (const auto root = find_cgroup2_root())
        return *root;
    throw Error("no cgroup2 is mounted");
}

RetentionLimits limits_of(const Options& options) {
    return {.max_bytes = static_cast<std::int64_t>(options.max_bytes),
            .max_age_us = std::chrono::microseconds(options.max_age).count()};
}

std::int64_t heartbeat_interval_us(const Options& options) {
    return std::chrono::microseconds(std::max(heartbeat_interval, options.commit_interval)).count();
}

} // namespace ctrack
