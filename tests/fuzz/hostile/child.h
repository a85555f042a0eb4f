// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ctrack::hostile {

/// What one run of ctrack-query may take. It is generous, as the machine may be slow and busy and
/// sanitizers take their part: what is found is what has no bound.
struct Bounds {
    rlim_t cpu_seconds = 20;
    int wall_seconds = 200;
    std::int64_t rss_bytes = 700 << 20;
    rlim_t file_bytes = 200 << 20; ///< is the bound of stdout, of each temporary and each new file
};

/// A run that has ended.
struct Ran {
    std::string out, err;
    int exit_code = 0;
    int signal = 0;       ///< is what ended it; 0: none
    std::string exceeded; ///< is the bound for which it was ended; else empty
};

/// What the children of all runs took at most.
struct Taken {
    double cpu_seconds_of_run = 0;
    std::int64_t rss_bytes = 0;
};

/// Runs ctrack-query with each of these arguments. What runs is its main() in a fork of this
/// process, and one fork does the runs one after the other as long as none of them kills it: under
/// sanitizers a program of its own for each would take many times as long.
std::vector<Ran> run_queries(const std::vector<std::vector<std::string>>& runs,
                             const Bounds& bounds, Taken& taken);

} // namespace ctrack::hostile
