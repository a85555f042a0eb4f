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
    int status = 0;       ///< is as wait() gives it
    std::string exceeded; ///< is the bound that ended it; else empty
    double cpu_seconds = 0;
    std::int64_t rss_bytes = 0;
};

/// Runs ctrack-query as a child: its main() in a fork of this process, which takes a tenth of the
/// time of a new program under sanitizers.
Ran run_query(const std::vector<std::string>& arguments, const Bounds& bounds);

} // namespace ctrack::hostile
