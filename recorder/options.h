// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "recorder/kernel/ring_layout.h"
#include "schema/format.h"
#include "version.h"

namespace ctrack {

/// What ctrack-recorder was asked to do, from its arguments and its config file.
struct Options {
    std::string config = CTRACK_CONFIG;
    std::string db = schema::default_file;
    std::string cgroup = "auto";           ///< auto for the root of cgroup2
    std::chrono::milliseconds duration{0}; ///< 0 to record until told to stop
    std::chrono::milliseconds commit_interval{1000};
    std::uint64_t lifecycle_ring_bytes = default_lifecycle_bytes;
    std::uint64_t sample_ring_bytes = default_sample_bytes;
    std::uint64_t max_bytes = 2ULL << 30; ///< of file and write-ahead log; 0 for no bound
    std::chrono::milliseconds max_age{0}; ///< 0 for no bound
    std::string rtt = "every";            ///< every, off, or the least gap as the user wrote it
    bool rtt_enabled = true;
    std::chrono::nanoseconds rtt_min_gap{0};
    std::chrono::milliseconds interval{1000}; ///< the least time between two walks; 0: no intervals
    std::string connect_errors =
        "auto"; ///< how to see connect() fail before TCP: auto, tracepoint, off
    std::string namespaces = "start"; ///< when other network namespaces are entered: start, always
    bool checks_only = false;         ///< --check
    bool quiet = false;
    bool verbose = false;
};

/// The options, or the exit code with which the program must end at once: 0 after --help or
/// --version, 2 with an error for the user.
struct ParsedOptions {
    std::optional<Options> options;
    int exit_code = 0;
    std::string error;
};

/// Reads the command line and the config file, whose settings the command line overrules.
ParsedOptions parse_options(int argc, const char* const* argv);

} // namespace ctrack
